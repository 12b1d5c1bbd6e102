#!/usr/bin/env bash
# Installs the Debian packages that the checks use and that a fresh machine may lack.
set -euo pipefail

declare -A package_of=([cc]=gcc [curl]=curl [docker-registry]=docker-registry [jq]=jq [ip]=iproute2
  [python3]=python3 [skopeo]=skopeo [tar]=tar)
missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
command -v cargo >/dev/null || {
  echo "cargo is missing: install Rust 1.89 or newer with rustup" >&2
  exit 3
}
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing ${missing[*]}"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >/dev/null
fi
