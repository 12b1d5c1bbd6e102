//! Where the engine keeps images.

use super::{super::prelude::*, ENGINE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-userns-remap",
        title: "Remapped users",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/info` SecurityOptions",
        rule: "`name=userns` is told",
        why: "kind takes its nodes out of the remapping; other containers see host files with shifted owners",
        remedies: &[Remedy::any(
            "nothing to do for nodes; mind the owners of files that are mounted elsewhere",
            &[],
        )],
        run: userns,
        ..ENGINE
    },
    Check {
        id: "docker-storage-driver",
        title: "The storage driver",
        reads: "`/info` Driver and DriverStatus",
        rule: "overlays pass; on btrfs and zfs that is told; vfs and fuse-overlayfs warn; drivers that current engines dropped, \
               and xfs without ftype, fail",
        why: "containerd inside the nodes needs an upper folder that can carry overlays; copies of whole layers fill the disk",
        remedies: &[Remedy::any(
            "move to overlay2; a rootless engine can use it since kernel 5.11",
            &["docker info --format '{{.Driver}}'"],
        )],
        link: Some("https://docs.docker.com/engine/storage/drivers/"),
        run: driver,
        ..ENGINE
    },
    Check {
        id: "docker-image-store",
        title: "The image store",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/info` DriverStatus driver-type",
        rule: "containerd's store is told",
        why: "an archive of an image of several platforms refers to layers that were never pulled, so loading it into nodes fails",
        remedies: &[Remedy::any(
            "save images of one platform, or push them to the local registry",
            &["docker image save --platform linux/amd64 IMAGE"],
        )],
        link: Some("https://docs.docker.com/engine/storage/containerd/"),
        run: image_store,
        ..ENGINE
    },
];

fn userns(ask: &Ask<'_>) -> Verdict {
    Ok(if ask.info()?.has_security_option("userns") {
        info("the engine remaps users (userns-remap)")
    } else {
        pass("users are not remapped")
    })
}

fn driver(ask: &Ask<'_>) -> Verdict {
    let info_ = ask.info()?;
    let driver = info_.driver.as_str();
    let below = info_.backing_filesystem.as_deref().unwrap_or("unknown");
    if below.starts_with("xfs") && info_.supports_d_type == Some(false) {
        return Ok(
            fail("the engine's folder is on xfs without ftype, which carries no overlays")
                .values("d_type false", "d_type true"),
        );
    }
    Ok(match driver {
        "vfs" | "fuse-overlayfs" => {
            warn(format!("storage driver {driver} is slow and copies a lot"))
                .values(driver, "overlay2")
        }
        "aufs" | "devicemapper" => fail(format!(
            "storage driver {driver} was removed from current engines"
        ))
        .values(driver, "overlay2"),
        "btrfs" | "zfs" => info(format!(
            "storage driver {driver}: images with device nodes may fail"
        )),
        "overlay" | "overlay2" | "overlayfs" if matches!(below, "btrfs" | "zfs") => info(format!(
            "{driver} on {below}: kind mounts /dev/mapper, and some images need device nodes"
        )),
        "overlay" | "overlay2" | "overlayfs" => pass(format!("{driver} on {below}")),
        other => info(format!("storage driver {other} is not known here")),
    })
}

fn image_store(ask: &Ask<'_>) -> Verdict {
    let store = ask.info()?.image_store.as_deref().unwrap_or("graphdriver");
    Ok(if store == "containerd" {
        info("images are in containerd's store: save them per platform")
    } else {
        pass(format!("images are in the {store} store"))
    })
}
