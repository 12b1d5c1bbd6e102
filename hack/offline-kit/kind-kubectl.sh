#!/usr/bin/env bash
# kind and kubectl from the suite that has them: their packages run on the older one too.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
out=$1

unpack_packages "$TOOLS_SUITE" "$out/root" kind kubectl
mv "$out"/root/usr/bin/{kind,kubectl} "$out/"
rm -rf "$out/root"
"$out/kind" version
"$out/kubectl" version --client
