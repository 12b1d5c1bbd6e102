#!/usr/bin/env bash
# The small Debian tree below the kube-proxy and debug images.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
. "$KIT/debian-tree.sh"

debian_tree "$1/tree" iptables,conntrack,ipset,kmod,iproute2,iputils-ping,curl,ca-certificates,jq,netcat-openbsd
