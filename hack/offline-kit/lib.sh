# shellcheck shell=bash
# shellcheck disable=SC2034
# Shared by the scripts of the offline kit: where things are cached, how progress is told, how a step becomes a folder.

# The release that bookworm's source package carries. Image tags and kubeadm's own checks hang on it.
KUBERNETES_VERSION=v1.20.2
REGISTRY_VERSION=2.8.2
# The suite everything that runs inside containers comes from, and the one that carries kind.
BASE_SUITE=bookworm
TOOLS_SUITE=trixie

NODE_IMAGE=garden6/kind-node-offline:$KUBERNETES_VERSION
REGISTRY_IMAGE=garden6/registry-offline:$REGISTRY_VERSION
DEBUG_IMAGE=garden6.local/debug:offline

KIT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
CACHE=${GARDEN6_OFFLINE_KIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/garden6/offline-kit}
LOGS=$CACHE/logs
# Work that is worth keeping after an interruption (Go's build cache, downloaded packages), never read as a result.
WORK=$CACHE/work
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

say() { printf 'offline-kit: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# One hash over the content of files and over literal words (the keys of earlier steps).
hash_of() {
  local item
  for item in "$@"; do
    if [ -d "$item" ]; then find "$item" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat; elif [ -f "$item" ]; then cat "$item"; else printf '%s\n' "$item"; fi
  done | sha256sum | cut -c1-16
}

is_done() { [ -r "$CACHE/$1/.key" ] && [ "$(<"$CACHE/$1/.key")" = "$2" ]; }

# run_step NAME KEY SCRIPT: the script fills a folder of its own, which takes its final name only when the script has
# succeeded, so an interrupted step leaves nothing that could be mistaken for a result.
run_step() {
  local name=$1 key=$2 script=$3 began=$SECONDS partial=$CACHE/$1.partial
  is_done "$name" "$key" && return 0
  mkdir -p "$LOGS" "$WORK"
  rm -rf "$partial"
  mkdir "$partial"
  if ! IMAGE_KEY=$key bash "$KIT/$script" "$partial" >"$LOGS/$name.log" 2>&1 </dev/null; then
    tail -n 15 "$LOGS/$name.log" >&2
    die "$name failed after $((SECONDS - began)) s, see $LOGS/$name.log"
  fi
  printf '%s\n' "$key" >"$partial/.key"
  rm -rf "${CACHE:?}/$name"
  mv "$partial" "$CACHE/$name"
  say "$name: $((SECONDS - began)) s"
}
