#!/usr/bin/env bash
# Builds a kind node image, a registry image and the tools around them from Debian packages only.
# Progress goes to stderr; stdout is the environment for whoever uses the result: eval "$(hack/offline-kit/build.sh)"
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"

began=$SECONDS
mkdir -p "$LOGS" "$WORK"
# One build at a time; a second one then finds everything done.
exec 9>"$CACHE/.lock"
flock -n 9 || { say "waiting for another build in $CACHE"; flock 9; }

# An engine that this starts must not inherit the lock.
bash "$KIT/engine.sh" >&2 9>&-

# A step runs again when its own script, what decides its content, or a step before it has changed.
key() { hash_of "$(dpkg --print-architecture)" "$BASE_SUITE" "$KUBERNETES_VERSION" "$@"; }
tools_key=$(key "$TOOLS_SUITE" "$KIT/kind-kubectl.sh")
kubernetes_key=$(key "$KIT/kubernetes.sh")
base_tree_key=$(key "$KIT/debian-tree.sh" "$KIT/base-tree.sh")
node_tree_key=$(key "$KIT/debian-tree.sh" "$KIT/node-tree.sh")
components_key=$(key "$DEBUG_IMAGE" "$KIT/images.sh" "$KIT/component-images.sh" "$KIT/pause.c" "$kubernetes_key" "$base_tree_key")
registry_key=$(key "$REGISTRY_IMAGE" "$KIT/images.sh" "$KIT/registry-image.sh")
node_key=$(key "$NODE_IMAGE" "$KIT/images.sh" "$KIT/node-image.sh" "$KIT/node" "$node_tree_key" "$components_key")

everything_done() {
  is_done kind-kubectl "$tools_key" && is_done kubernetes "$kubernetes_key" && is_done component-images "$components_key" &&
    is_done registry-image "$registry_key" && is_done node-image "$node_key"
}

build_everything() {
  [ "$(id -u)" = 0 ] || die "building needs root (debootstrap); only using a finished cache does not"
  bash "$KIT/host-packages.sh" >"$LOGS/host-packages.log" 2>&1 </dev/null || die "host packages failed, see $LOGS/host-packages.log"
  # The compiler works while packages are unpacked.
  run_step kubernetes "$kubernetes_key" kubernetes.sh 9>&- &
  local compiler=$!
  trap 'kill "$compiler" 2>/dev/null || true' EXIT
  run_step kind-kubectl "$tools_key" kind-kubectl.sh
  run_step registry-image "$registry_key" registry-image.sh
  run_step base-tree "$base_tree_key" base-tree.sh
  run_step node-tree "$node_tree_key" node-tree.sh
  wait "$compiler" || exit 1
  trap - EXIT
  run_step component-images "$components_key" component-images.sh
  run_step node-image "$node_key" node-image.sh
  # Downloads have served; Go's build cache is gone with its own step.
  rm -rf "$WORK"
}

everything_done || build_everything

# The archive is kept, so an emptied image store costs a load and not a build.
load_image() {
  local step=$1 image=$2 key=$3 began=$SECONDS old
  local label='{{index .Config.Labels "garden6.offline-kit.key"}} {{.Id}}'
  old=$(docker image inspect --format "$label" "$image" 2>/dev/null) || old=''
  [ "${old%% *}" != "$key" ] || return 0
  docker load --quiet --input "$CACHE/$step/image.tar" >"$LOGS/load-$step.log" 2>&1 || die "loading $image failed, see $LOGS/load-$step.log"
  [ -z "$old" ] || docker image rm "${old##* }" >/dev/null 2>&1 || true
  say "loaded $image: $((SECONDS - began)) s"
}
load_image registry-image "$REGISTRY_IMAGE" "$registry_key"
load_image node-image "$NODE_IMAGE" "$node_key"
[ "$((SECONDS - began))" -lt 2 ] || say "all done: $((SECONDS - began)) s"

printf '%s=%q\n' \
  GARDEN6_NODE_IMAGE "$NODE_IMAGE" \
  GARDEN6_REGISTRY_IMAGE "$REGISTRY_IMAGE" \
  GARDEN6_KIND "$CACHE/kind-kubectl/kind" \
  GARDEN6_KUBECTL "$CACHE/kind-kubectl/kubectl" \
  GARDEN6_KUBE_APISERVER "$CACHE/kubernetes/kube-apiserver" \
  GARDEN6_ETCD "$CACHE/component-images/etcd"
