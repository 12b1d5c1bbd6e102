//! Devices of file systems and virtual machines.

use semver::Version;

use super::{super::prelude::*, BASE};
use crate::doctor::Fact;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kmod-fuse",
        title: "FUSE for a rootless engine",
        platforms: LINUX,
        needs: &[Need::Rootless],
        reads: "`/dev/fuse`, the kernel's release",
        rule: "missing warns, and fails on kernels before 5.11",
        why: "there, fuse-overlayfs is the only way to stack images in a user namespace",
        run: fuse,
        ..BASE
    },
    Check {
        id: "kvm-available",
        title: "Virtual machines",
        platforms: LINUX,
        scope: Scope::Host,
        fix: FixClass::Manual,
        needs: &[Need::MiniLab],
        reads: "`/dev/kvm`",
        rule: "missing or closed to this user fails",
        why: "the machines of mini-lab are virtual ones",
        remedies: &[Remedy::any(
            "switch virtualisation on in the firmware or choose a cloud machine that may nest it, and join group kvm",
            &["sudo usermod -aG kvm \"$USER\""],
        )],
        run: kvm,
        ..BASE
    },
];

/// First kernel with overlays in user namespaces.
const OVERLAYS: Version = Version::new(5, 11, 0);

fn fuse(ask: &Ask<'_>) -> Verdict {
    if ask.file(Scope::Engine, "/dev/fuse")?.is_some() {
        return Ok(pass("/dev/fuse is there"));
    }
    let kernel = ask.kernel()?;
    let text = format!("/dev/fuse is missing on kernel {kernel}");
    let finding = if kernel < OVERLAYS {
        fail(text)
    } else {
        warn(text)
    };
    Ok(finding
        .values("absent", "/dev/fuse")
        .command("sudo modprobe fuse"))
}

fn kvm(ask: &Ask<'_>) -> Verdict {
    let path = "/dev/kvm";
    if *ask.file_fact(Scope::Host, path)? == Fact::Denied {
        return Ok(fail("this user may not use /dev/kvm")
            .values("permission denied", "member of group kvm"));
    }
    Ok(if ask.file(Scope::Host, path)?.is_some() {
        pass("virtual machines can be started")
    } else {
        fail("/dev/kvm is missing: the processor or the cloud does not offer virtualisation")
            .values("absent", path)
    })
}
