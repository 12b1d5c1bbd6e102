# shellcheck shell=bash
# Minimal Debian systems as plain folders.

# debian_tree FOLDER PACKAGE,PACKAGE...: a minimal system without what only a person or a later apt would read.
debian_tree() {
  local tree=$1 packages=$2 proxy='' cached=$WORK/debootstrap
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  [ -z "$proxy" ] || export http_proxy=$proxy
  mkdir -p "$cached"
  debootstrap --variant=minbase --keyring="$DEBIAN_KEYRING" --cache-dir="$cached" --include="$packages" "$BASE_SUITE" "$tree" "$(debian_mirror)"
  # Machine ids must differ between the nodes that start from one tree.
  rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/debootstrap "$tree"/var/lib/dbus/machine-id \
    "$tree"/usr/share/{doc,man,info,locale,lintian}/* "$tree"/etc/{machine-id,resolv.conf,hostname}
  # The mirror is this machine's business.
  : >"$tree/etc/apt/sources.list"
}
