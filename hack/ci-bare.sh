#!/usr/bin/env bash
# Runs the presubmit lane on an embedded environment the way a laptop without Docker would: as an
# ordinary user, without a network (but for loopback), without Docker and without a home of its own.
set -euo pipefail
garden6="${1:?usage: $0 GARDEN6}"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
install -m 0755 "$garden6" "$work/garden6"
chmod 0755 "$work"
mkdir -m 0777 "$work/state" "$work/artifacts"

run=(env -i PATH=/usr/bin:/bin HOME="$work/state" CI=true
  "$work/garden6" --state-dir "$work/state" e2e run --artifacts "$work/artifacts")
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
  # A network namespace of its own has nothing but loopback, which starts out down.
  unshare --net -- bash -euc 'ip link set lo up; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' \
    bare "${run[@]}"
else
  "${run[@]}"
fi
