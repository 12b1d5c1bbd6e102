# shellcheck shell=bash
# Image archives (the format of `docker save`) made of plain folders, without a container engine.

# add_layer ARCHIVE_FOLDER TREE: prints the layer's digest.
add_layer() {
  local stage=$1 tree=$2 digest
  tar --numeric-owner --sort=name -C "$tree" -cf "$stage/layer.new" .
  digest=$(sha256sum "$stage/layer.new" | cut -d' ' -f1)
  mv "$stage/layer.new" "$stage/$digest.tar"
  echo "$digest"
}

# add_image ARCHIVE_FOLDER TAG CONFIG LAYER_DIGESTS...: CONFIG is the JSON of an image's `config`.
add_image() {
  local stage=$1 tag=$2 config=$3 name
  shift 3
  jq -cn --argjson config "$config" --arg arch "$(dpkg --print-architecture)" --arg created "$(date -u +%FT%TZ)" \
    '{architecture: $arch, os: "linux", created: $created, rootfs: {type: "layers", diff_ids: [$ARGS.positional[] | "sha256:" + .]},
      config: ({Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]} + $config)}' --args "$@" >"$stage/config.new"
  name=$(sha256sum "$stage/config.new" | cut -d' ' -f1).json
  mv "$stage/config.new" "$stage/$name"
  jq -cn --arg tag "$tag" --arg config "$name" '{Config: $config, RepoTags: [$tag], Layers: [$ARGS.positional[] + ".tar"]}' --args "$@" >>"$stage/entries"
}

# close_archive ARCHIVE_FOLDER FILE
close_archive() {
  local stage=$1 file=$2
  jq -cs . "$stage/entries" >"$stage/manifest.json"
  rm "$stage/entries"
  tar -C "$stage" -cf "$file" .
  rm -rf "$stage"
}

# copy_with_libraries ROOT PROGRAM TREE: a program of an unpacked package and the shared libraries it names, with their
# loader. The libraries come from the same release's libc6, not from the machine.
copy_with_libraries() {
  local root=$1 program=$2 tree=$3 library
  install -D -t "$tree/usr/local/bin" "$root$program"
  mkdir -p "$tree/lib64" "$tree/lib"
  {
    readelf -d "$root$program" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p'
    # Name lookups load these at run time.
    printf '%s\n' libc.so.6 libresolv.so.2 libnss_files.so.2 libnss_dns.so.2
  } | sort -u | while read -r library; do
    find "$root/lib" "$root/usr/lib" -name "$library" -exec cp -Ln {} "$tree/lib/" \; 2>/dev/null
  done
  # The loader's absolute path is written in the program.
  library=$(readelf -l "$root$program" | sed -nE 's/.*program interpreter: (.*)\]/\1/p')
  find "$root/lib" -name "${library##*/}" -exec install -D -T {} "$tree$library" \;
}
