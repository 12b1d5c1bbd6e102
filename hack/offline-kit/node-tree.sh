#!/usr/bin/env bash
# Debian with systemd and everything the kubelet and kind call on a node. What is Kubernetes' own comes in node-image.sh.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
. "$KIT/debian-tree.sh"

debian_tree "$1/tree" systemd,systemd-sysv,dbus,conntrack,iptables,ipset,nftables,ebtables,iproute2,iputils-ping,ethtool,mount,kmod,socat,containerd,runc,containernetworking-plugins,jq,procps,ca-certificates,curl,hostname,netcat-openbsd,util-linux
