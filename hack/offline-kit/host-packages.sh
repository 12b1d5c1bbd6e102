#!/usr/bin/env bash
# The few programs of the machine itself that the build needs; anything already there is left alone.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"

missing=()
want() { command -v "$1" >/dev/null || missing+=("$2"); }
want debootstrap debootstrap
want dpkg-source dpkg-dev
want gcc gcc
want jq jq
want xz xz-utils
want readelf binutils
want unshare util-linux
[ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
[ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get -qq update
  apt-get -qq -y install --no-install-recommends "${missing[@]}"
fi
