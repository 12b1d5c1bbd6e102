# shellcheck shell=bash
# Packages of any Debian suite, from the mirror this machine already uses, without touching its own apt setup.

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Only Debian's own archive: not its security suite, which lacks the packages wanted here, nor anybody else's.
debian_mirrors() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "main" { print $3 }'
}

debian_mirror() {
  local mirrors
  mirrors=$(debian_mirrors)
  # The label comes from the downloaded index, which fresh container images do not have.
  if [ -z "$mirrors" ]; then
    apt-get -qq update >&2
    mirrors=$(debian_mirrors)
  fi
  [ -n "$mirrors" ] || { echo "no Debian mirror in this machine's apt sources" >&2; return 1; }
  printf '%s\n' "${mirrors%%$'\n'*}"
}

# debian_apt SUITE ARGS...: apt-get that sees this one suite (binaries and sources) and keeps its lists in the work folder.
debian_apt() {
  local suite=$1 state=$WORK/apt/$1 mirror
  shift
  local options=(-q -y
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::State::lists=$state/lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
  if [ -z "$(find "$state/updated" -mmin -720 2>/dev/null)" ]; then
    mirror=$(debian_mirror)
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    printf "%s [signed-by=$DEBIAN_KEYRING] $mirror $suite main\n" deb deb-src >"$state/sources.list"
    apt-get "${options[@]}" update
    touch "$state/updated"
  fi
  apt-get "${options[@]}" "$@"
}

# unpack_packages SUITE FOLDER PACKAGES...: their files, without installing anything.
unpack_packages() {
  local suite=$1 folder=$2 downloads deb
  shift 2
  downloads=$(mktemp -d "$WORK/debs.XXXXXX")
  (cd "$downloads" && debian_apt "$suite" download "$@")
  mkdir -p "$folder"
  for deb in "$downloads"/*.deb; do dpkg -x "$deb" "$folder"; done
  rm -rf "$downloads"
}
