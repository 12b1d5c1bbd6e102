#!/usr/bin/env bash
# One archive with the images kubeadm asks for (CoreDNS excepted, Debian has none) and the debug image, plus etcd itself.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
. "$KIT/images.sh"
out=$1
stage=$out/archive
trees=$out/trees
mkdir -p "$stage"

for name in kube-apiserver kube-controller-manager kube-scheduler; do
  install -D -t "$trees/$name/usr/local/bin" "$CACHE/kubernetes/$name"
  add_image "$stage" "k8s.gcr.io/$name:$KUBERNETES_VERSION" "{\"Entrypoint\": [\"$name\"]}" "$(add_layer "$stage" "$trees/$name")"
done

unpack_packages "$BASE_SUITE" "$out/packages" etcd-server libc6
copy_with_libraries "$out/packages" /usr/bin/etcd "$trees/etcd"
add_image "$stage" k8s.gcr.io/etcd:3.4.13-0 '{"Entrypoint": ["etcd"]}' "$(add_layer "$stage" "$trees/etcd")"
# Also wanted outside of images, next to kube-apiserver.
cp "$out/packages/usr/bin/etcd" "$out/etcd"

mkdir -p "$trees/pause"
gcc -Os -static -o "$trees/pause/pause" "$KIT/pause.c"
strip "$trees/pause/pause"
add_image "$stage" k8s.gcr.io/pause:3.2 '{"Entrypoint": ["/pause"]}' "$(add_layer "$stage" "$trees/pause")"

base=$(add_layer "$stage" "$CACHE/base-tree/tree")
add_image "$stage" "$DEBUG_IMAGE" '{"Cmd": ["sleep", "infinity"]}' "$base"
install -D -t "$trees/kube-proxy/usr/local/bin" "$CACHE/kubernetes/kube-proxy"
add_image "$stage" "k8s.gcr.io/kube-proxy:$KUBERNETES_VERSION" '{"Entrypoint": ["kube-proxy"]}' "$base" "$(add_layer "$stage" "$trees/kube-proxy")"

close_archive "$stage" "$out/images.tar"
rm -rf "$trees" "$out/packages"
