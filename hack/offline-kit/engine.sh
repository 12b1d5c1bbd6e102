#!/usr/bin/env bash
# Makes Docker Engine usable for privileged containers (what kind's nodes are): installed, running, and with a runtime
# that asks for no more than this host can grant. Does nothing where all of that is so already.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"

RUNTIME=garden6-runc
RUNTIME_PATH=/usr/local/sbin/$RUNTIME
DAEMON_JSON=/etc/docker/daemon.json
ENGINE_LOG=/var/log/garden6-dockerd.log

as_root() { [ "$(id -u)" = 0 ] || die "$1 needs root"; }
answers() { docker info --format '{{.ServerVersion}}' >/dev/null 2>&1; }

wait_until() {
  local what=$1 i
  shift
  for ((i = 0; i < 150; i++)); do
    "$@" && return 0
    sleep 0.2
  done
  die "$what: nothing after 30 s"
}

install_engine() {
  command -v docker >/dev/null && { [ -n "${DOCKER_HOST:-}" ] || command -v dockerd >/dev/null; } && return 0
  as_root "installing Docker Engine"
  say "installing docker.io"
  mkdir -p "$LOGS"
  { apt-get -qq update && apt-get -qq -y install --no-install-recommends docker.io iptables; } >"$LOGS/engine.log" 2>&1 </dev/null ||
    die "cannot install docker.io, see $LOGS/engine.log"
}

start_engine() {
  answers && return 0
  [ -z "${DOCKER_HOST:-}" ] || die "no Docker Engine answers at $DOCKER_HOST"
  [ "$(id -u)" = 0 ] || die "no Docker Engine answers; starting it, or reaching its socket, needs root or the group docker"
  say "starting Docker Engine"
  if [ -d /run/systemd/system ]; then
    systemctl start docker
  else
    setsid nohup dockerd >>"$ENGINE_LOG" 2>&1 </dev/null 9>&- &
  fi
  wait_until "Docker Engine (log: $ENGINE_LOG or the journal)" answers
}

# The process that starts containers decides; CAP_SYS_RESOURCE is bit 24.
lacks_sys_resource() {
  local pid=$1 bounding
  bounding=$(awk '$1 == "CapBnd:" { print $2 }' "/proc/$pid/status")
  (((0x$bounding >> 24 & 1) == 0))
}

runs_with_wrapper() { [ "$(docker info --format '{{.DefaultRuntime}}')" = "$RUNTIME" ]; }

use_wrapper() {
  # An engine elsewhere has no process here and takes care of itself.
  local pid
  pid=$(cat /var/run/docker.pid 2>/dev/null) && [ -r "/proc/$pid/status" ] || return 0
  lacks_sys_resource "$pid" || return 0
  if ! cmp -s "$KIT/$RUNTIME" "$RUNTIME_PATH"; then
    as_root "installing $RUNTIME_PATH"
    [ -x /usr/bin/python3 ] || apt-get -qq -y install --no-install-recommends python3-minimal >&2
    # Renamed into place: a container may be starting through the old one.
    install -m 755 "$KIT/$RUNTIME" "$RUNTIME_PATH.new"
    mv "$RUNTIME_PATH.new" "$RUNTIME_PATH"
  fi
  runs_with_wrapper && return 0
  as_root "changing $DAEMON_JSON"
  say "Docker Engine lacks CAP_SYS_RESOURCE: its default runtime becomes $RUNTIME"
  python3 -IS - "$DAEMON_JSON" "$RUNTIME" "$RUNTIME_PATH" <<'PYTHON'
import json, os, sys
path, name, program = sys.argv[1:]
config = {}
if os.path.exists(path):
    with open(path) as file:
        config = json.loads(file.read() or "{}")
config.setdefault("runtimes", {})[name] = {"path": program}
config["default-runtime"] = name
os.makedirs(os.path.dirname(path), exist_ok=True)
with open(path + ".new", "w") as file:
    json.dump(config, file, indent=2)
    file.write("\n")
os.replace(path + ".new", path)
PYTHON
  kill -HUP "$pid"
  wait_until "the runtime $RUNTIME" runs_with_wrapper
}

install_engine
start_engine
use_wrapper
