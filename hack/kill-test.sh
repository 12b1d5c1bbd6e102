#!/usr/bin/env bash
# Kills `garden6 up` at random moments (kill -9) and runs it again: it must converge every time.
#
#   hack/kill-test.sh GARDEN6 embedded|kind [ROUNDS] [-- UP-FLAG...]
#
# Prints the moments; GARDEN6_KILL_SEED=N repeats a run.
set -euo pipefail
garden6="$(realpath "${1:?usage: $0 GARDEN6 embedded|kind [ROUNDS] [-- UP-FLAG...]}")"
backend="${2:?which backend: embedded or kind}"
rounds="${3:-10}"
shift $(($# < 3 ? $# : 3))
[ "${1:-}" != -- ] || shift
flags=("$@")

GARDEN6_STATE_DIR="$(mktemp -d)"
export GARDEN6_STATE_DIR
name=kill-test
seed="${GARDEN6_KILL_SEED:-$RANDOM}"
RANDOM=$seed
# The longest delay: a bit more than an undisturbed `up` takes, so that every step is hit.
case "$backend" in
  embedded) longest_ms=70 ;;
  kind) longest_ms=40000 ;;
  *)
    echo "unknown backend $backend" >&2
    exit 2
    ;;
esac
echo "seed $seed"
trap '"$garden6" down --name "$name" >/dev/null 2>&1 || true; rm -rf "$GARDEN6_STATE_DIR"' EXIT

# No function: what is killed has to be the program, not a shell that runs it.
up=("$garden6" up --name "$name" --backend "$backend" --ip-family ipv6 "${flags[@]}")

for round in $(seq "$rounds"); do
  delay=$(((RANDOM * 32768 + RANDOM) % longest_ms))
  "${up[@]}" >"$GARDEN6_STATE_DIR/killed.log" 2>&1 &
  victim=$!
  sleep "$((delay / 1000)).$(printf '%03d' $((delay % 1000)))"
  if kill -9 "$victim" 2>/dev/null; then moment="killed after $delay ms"; else moment="had ended before $delay ms"; fi
  wait "$victim" 2>/dev/null || true
  last="$(tail -n 1 "$GARDEN6_STATE_DIR/killed.log" 2>/dev/null || true)"
  "${up[@]}" >"$GARDEN6_STATE_DIR/rerun.log" 2>&1 || {
    cat "$GARDEN6_STATE_DIR/rerun.log"
    echo "round $round: $moment (\"$last\"): the rerun FAILED"
    exit 1
  }
  "$garden6" status --name "$name" >/dev/null || {
    echo "round $round: $moment: the environment is not running after the rerun"
    exit 1
  }
  "$garden6" down --name "$name" >/dev/null 2>&1
  echo "round $round: $moment (\"$last\"): converged"
done
echo "kill-test $backend: $rounds passed, 0 failed"
