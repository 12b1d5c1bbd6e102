#!/usr/bin/env bash
# The package docker-registry as an image that listens on every address of both families, port 5001.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
. "$KIT/images.sh"
out=$1
mkdir -p "$out/archive" "$out/tree/etc/docker/registry" "$out/tree/var/lib/registry" "$out/tree/tmp"

unpack_packages "$BASE_SUITE" "$out/packages" docker-registry libc6
copy_with_libraries "$out/packages" /usr/bin/docker-registry "$out/tree"
ln -s docker-registry "$out/tree/usr/local/bin/registry"
cat >"$out/tree/etc/docker/registry/config.yml" <<'YAML'
version: 0.1
log: {level: info}
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  delete: {enabled: true}
http:
  addr: "[::]:5001"
YAML

# The configuration is read through REGISTRY_* variables too, as with the well-known registry image.
add_image "$out/archive" "$REGISTRY_IMAGE" \
  "$(jq -n --arg key "$IMAGE_KEY" '{Entrypoint: ["registry"], Cmd: ["serve", "/etc/docker/registry/config.yml"],
    ExposedPorts: {"5001/tcp": {}}, Volumes: {"/var/lib/registry": {}}, Labels: {"garden6.offline-kit.key": $key}}')" \
  "$(add_layer "$out/archive" "$out/tree")"
close_archive "$out/archive" "$out/image.tar"
rm -rf "$out/tree" "$out/packages"
