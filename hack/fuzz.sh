#!/usr/bin/env bash
# Fuzzes every target of tests/fuzz: half of the time the manifests, the rest divided evenly among
# the others. Stops at the first crash, whose input is then under tests/fuzz/artifacts.
#
#   hack/fuzz.sh [SECONDS]     60 by default; FUZZ_ARGS are passed to `cargo fuzz run`
#
# Needs cargo-fuzz (`cargo install cargo-fuzz`) and a C++ compiler; the stable toolchain will do.
set -euo pipefail

cd "$(dirname "$0")/.."
seconds="${1:-60}"
others=(cidr autov6 image_ref image_files kind_config doctor)
read -r -a extra <<<"${FUZZ_ARGS:-}"

command -v cargo-fuzz >/dev/null || {
  echo 'cargo-fuzz is missing: cargo install cargo-fuzz' >&2
  exit 3
}
# Instrumentation hides behind a switch that only nightly toolchains have without asking.
export RUSTC_BOOTSTRAP=1
# The versions that everything else is tested with; cargo adds libFuzzer to the copy.
cp Cargo.lock tests/fuzz/Cargo.lock
cargo run --quiet --locked --example fuzz-seeds -- tests/fuzz/corpus

# The tool forbids unsafe code, so panics are what there is to find; without the address sanitizer
# twice as many inputs are tried.
run() {
  echo "--- $1, $2 s"
  cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none ${extra[@]+"${extra[@]}"} "$1" -- \
    -max_total_time="$2" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1
}

run manifests "$((seconds / 2))"
for target in "${others[@]}"; do
  run "$target" "$((seconds / 2 / ${#others[@]}))"
done
echo "fuzz: $((${#others[@]} + 1)) targets, no crash"
