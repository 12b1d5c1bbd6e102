#!/usr/bin/env bash
# Kills `garden6 images mirror` at random moments (kill -9) and runs it again: every time the copies
# are complete, only what was missing moved, and the totals say so.
#
#   hack/mirror-kill-test.sh GARDEN6 [ROUNDS]
#
# Needs docker-registry (Debian), jq and python3. GARDEN6_KILL_SEED=N repeats a run.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
garden6="$(realpath "${1:?usage: $0 GARDEN6 [ROUNDS]}")"
rounds="${2:-20}"
images=6
for command in docker-registry jq python3; do
  command -v "$command" >/dev/null || {
    echo "$command is missing" >&2
    exit 3
  }
done

work="$(mktemp -d)"
export GARDEN6_STATE_DIR="$work/state"
seed="${GARDEN6_KILL_SEED:-$RANDOM}"
RANDOM=$seed
registries=()
cleanup() {
  kill "${registries[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(socket.AF_INET6); s.bind(("::1", 0)); print(s.getsockname()[1])'
}

# Starts a registry over the folder $1 on [::1] and sets `address`.
start_registry() {
  local port
  port="$(free_port)"
  address="[::1]:$port"
  cat >"$work/$1.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$work/$1"}}
http: {addr: "$address"}
YAML
  docker-registry serve "$work/$1.yml" >/dev/null 2>&1 &
  registries+=("$!")
  for _ in $(seq 100); do
    if curl -gsf "http://$address/v2/" >/dev/null; then return; fi
    sleep 0.05
  done
  echo "the registry does not answer" >&2
  exit 3
}

# Of the images that a registry does not have under their names, by its own files: bytes of the blobs that none of its
# repositories has, and bytes of all their blobs.
absent_and_needed() {
  python3 - "$work/layout" "$work/$1" <<'PYTHON'
import json, pathlib, sys

layout, data = map(pathlib.Path, sys.argv[1:])
repositories = data / "docker/registry/v2/repositories/mirror"
there = {link.parent.name for link in repositories.glob("*/_layers/sha256/*/link")}
absent, needed = {}, 0
read = lambda digest: json.loads((layout / "blobs/sha256" / digest.split(":")[1]).read_text())
for entry in json.loads((layout / "index.json").read_text())["manifests"]:
    name = entry["annotations"]["org.opencontainers.image.ref.name"].split(":")[0]
    if (repositories / name / "_manifests/tags/v1/current/link").exists():
        continue
    manifest = read(entry["digest"])
    for blob in [manifest["config"], *manifest["layers"]]:
        needed += blob["size"]
        if blob["digest"].split(":")[1] not in there:
            absent[blob["digest"]] = blob["size"]
print(sum(absent.values()), needed)
PYTHON
}

"$here/mirror-corpus.py" "$work/layout" "$images" 8 1536 >"$work/names"
start_registry source
source=$address
while read -r name; do
  "$garden6" -q images mirror "oci:$work/layout:$name" "$source/$name" >/dev/null 2>&1
  echo "$source/$name"
done <"$work/names" >"$work/list.txt"
read -r total _ < <(absent_and_needed none)

mirror() { "$garden6" -q images mirror -f "$work/list.txt" --target "$1/mirror" -o json 2>/dev/null; }

# The longest delay: what an undisturbed run takes, the quicker of two.
longest_ms=600000
for run in 1 2; do
  start_registry "undisturbed$run"
  begun="$(date +%s%3N)"
  mirror "$address" >/dev/null
  took=$(($(date +%s%3N) - begun))
  [ "$took" -ge "$longest_ms" ] || longest_ms=$took
done
echo "seed $seed, $images images with $((total / 1024 / 1024)) MiB of different blobs, undisturbed $longest_ms ms"
printf '%-6s %-10s %12s %12s %12s %12s  %s\n' round killed missing moved mounted present verdict

failed=0
for round in $(seq "$rounds"); do
  start_registry "target$round"
  delay=$(((RANDOM * 32768 + RANDOM) % longest_ms))
  mirror "$address" >/dev/null 2>&1 &
  victim=$!
  sleep "$((delay / 1000)).$(printf '%03d' $((delay % 1000)))"
  # The shell function runs in a subshell of its own; its child is the program.
  program="$(pgrep -P "$victim" || echo "$victim")"
  if kill -9 "$program" 2>/dev/null; then moment="$delay ms"; else moment="had ended"; fi
  wait "$victim" 2>/dev/null || true
  # What the registry had in its hands it still finishes.
  sleep 0.3
  read -r absent needed < <(absent_and_needed "target$round")
  verdict=converged
  mirror "$address" >"$work/report.json" || verdict="FAILED: the rerun did not succeed"
  read -r moved mounted found < <(jq -r '[.totals.content | .moved.bytes, .mounted.bytes, .present.bytes] | join(" ")' "$work/report.json")
  [ "$moved" = "$absent" ] || verdict="FAILED: something else moved than what was missing"
  [ "$((moved + mounted + found))" = "$needed" ] || verdict="FAILED: the totals do not add up"
  "$garden6" -q images verify -f "$work/list.txt" --target "$address/mirror" --blobs -o json >/dev/null 2>&1 ||
    verdict="FAILED: the copies are not what they should be"
  [ "$verdict" = converged ] || failed=$((failed + 1))
  printf '%-6s %-10s %12s %12s %12s %12s  %s\n' "$round" "$moment" "$absent" "$moved" "$mounted" "$found" "$verdict"
  kill "${registries[-1]}"
  unset 'registries[-1]'
  rm -rf "$work/target$round"
done
echo "mirror-kill-test: $((rounds - failed)) passed, $failed failed"
[ "$failed" = 0 ]
