#!/usr/bin/env bash
# The Debian tree becomes a kind node: Kubernetes' programs, the files below node/, and every image already in containerd.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/images.sh"
out=$1
tree=$out/tree
mkdir -p "$out/archive"
cp -a "$CACHE/node-tree/tree" "$tree"

install -t "$tree/usr/bin" "$CACHE"/kubernetes/{kubeadm,kubelet,kubectl}
mkdir -p "$tree"/opt/cni/bin "$tree"/etc/cni/net.d "$tree"/etc/containerd/certs.d "$tree"/etc/kubernetes/manifests "$tree"/kind/manifests
cp "$tree"/usr/lib/cni/* "$tree/opt/cni/bin/"
# kind picks its kubeadm configuration by this file.
echo "$KUBERNETES_VERSION" >"$tree/kind/version"

install -D -t "$tree/usr/local/bin" "$KIT/node/entrypoint" "$KIT/node/kubelet-cgroup"
install -D -m 644 -t "$tree/etc/containerd" "$KIT/node/config.toml"
install -D -m 644 -t "$tree/etc/systemd/system" "$KIT/node/kubelet.service"
ln -sf /lib/systemd/system/multi-user.target "$tree/etc/systemd/system/default.target"
mkdir -p "$tree/etc/systemd/system/multi-user.target.wants"
ln -sf /etc/systemd/system/kubelet.service "$tree/etc/systemd/system/multi-user.target.wants/"
# Nothing in a container needs these, and they are most of the time to boot.
for unit in systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-clean.timer systemd-logind.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-firstboot.service systemd-binfmt.service systemd-modules-load.service \
  getty.target console-getty.service getty@.service sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer nftables.service; do
  ln -sf /dev/null "$tree/etc/systemd/system/$unit"
done

# containerd itself stores the images, in namespaces that vanish with this command. They are left packed: the node unpacks
# on its real /var what it uses, an overlay inside of an image layer could not be relied on.
cp -l "$CACHE/component-images/images.tar" "$tree/images.tar" 2>/dev/null || cp "$CACHE/component-images/images.tar" "$tree/images.tar"
printf 'version = 2\nroot = "/var/lib/containerd"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$tree/preload.toml"
unshare --mount --pid --fork --kill-child --mount-proc="$tree/proc" chroot "$tree" /bin/bash -euc '
  containerd --config /preload.toml & 
  for ((i = 0; i < 100; i++)); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
  ctr --namespace k8s.io images import --no-unpack /images.tar
  kill %1; wait || true'
rm -rf "$tree"/images.tar "$tree"/preload.toml "$tree"/run/containerd "$tree"/var/lib/containerd/tmpmounts

add_image "$out/archive" "$NODE_IMAGE" \
  "$(jq -n --arg key "$IMAGE_KEY" '{Entrypoint: ["/usr/local/bin/entrypoint", "/sbin/init"], Env: ["container=docker",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    StopSignal: "SIGRTMIN+3", Labels: {"garden6.offline-kit.key": $key}}')" \
  "$(add_layer "$out/archive" "$tree")"
close_archive "$out/archive" "$out/image.tar"
rm -rf "$tree"
