#!/usr/bin/env bash
# Kills processes that allocate addresses at random moments (kill -9), while a second one goes on:
# nothing that was acknowledged may be lost, nothing handed out twice.
#
#   hack/ipam-kill-test.sh [ROUNDS]
#
# GARDEN6_KILL_SEED=N repeats the moments of a run; GARDEN6_HAMMER names a built `ipam-hammer`.
set -euo pipefail
rounds="${1:-200}"
cd "$(dirname "$0")/.."
if [ -z "${GARDEN6_HAMMER:-}" ]; then
  cargo build --quiet --release --example ipam-hammer
  GARDEN6_HAMMER="${CARGO_TARGET_DIR:-target}/release/examples/ipam-hammer"
fi
hammer="$(realpath "$GARDEN6_HAMMER")"
folder="$(mktemp -d)"
store="$folder/addresses.log"
seed="${GARDEN6_KILL_SEED:-$RANDOM}"
RANDOM=$seed
echo "seed $seed"
companion=
trap '[ -z "$companion" ] || kill -9 "$companion" 2>/dev/null || true; rm -rf "$folder"' EXIT

# Starts a process and leaves its id in $started.
start() {
  "$hammer" run "$store" "$folder/$1.record" "$((RANDOM * 32768 + RANDOM))" 2>"$folder/$1.err" &
  started=$!
}

"$hammer" init "$store"
start companion-0
companion=$started
for round in $(seq "$rounds"); do
  start "victim-$round"
  victim=$started
  delay=$((5 + RANDOM % 95))
  sleep "0.$(printf '%03d' "$delay")"
  kill -9 "$victim" 2>/dev/null || {
    echo "round $round: it ended by itself:"
    cat "$folder/victim-$round.err"
    exit 1
  }
  wait "$victim" 2>/dev/null || true
  kill -0 "$companion" 2>/dev/null || {
    echo "round $round: the other process ended:"
    cat "$folder"/companion-*.err
    exit 1
  }
  if ((round % 25 == 0)); then
    kill -9 "$companion"
    wait "$companion" 2>/dev/null || true
    "$hammer" check "$store" "$folder"/*.record
    start "companion-$round"
    companion=$started
  fi
done
kill -9 "$companion"
wait "$companion" 2>/dev/null || true
companion=
"$hammer" check "$store" "$folder"/*.record
echo "ipam-kill-test: $rounds passed, 0 failed"
