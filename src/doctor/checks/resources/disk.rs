//! Disks.

use super::{super::prelude::*, BASE, grow};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "disk-free",
        title: "Free disk space",
        fix: FixClass::Safe,
        reads: "the file system of the engine's folder",
        rule: "kind: less than 10 GiB fails, less than 20 GiB warns. Gardener: less than 50 GiB fails, less than 100 GiB warns",
        why: "a node image is a gigabyte, a landscape up to a hundred; a full disk breaks etcd",
        remedies: &grow(
            "remove build caches and images that nobody needs; volumes stay",
            &[
                "docker system df",
                "docker builder prune",
                "docker image prune",
            ],
        ),
        run: space,
        ..BASE
    },
    Check {
        id: "disk-inodes",
        title: "Free inodes",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "the file system of the engine's folder",
        rule: "less than 5 % or 200000 warn; file systems that do not count them are skipped",
        why: "many small layers use them up before the space",
        remedies: &[Remedy::any(
            "remove images, or move the engine's folder to another file system",
            &["docker image prune --all"],
        )],
        run: inodes,
        ..BASE
    },
    Check {
        id: "swap",
        title: "Swap",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/proc/swaps`",
        rule: "in use is told",
        why: "kind lets the kubelet start beside it, and tests of memory behave otherwise than in production",
        remedies: &[Remedy::any(
            "nothing to do for most tests",
            &["sudo swapoff -a"],
        )],
        run: swap,
        ..BASE
    },
];

fn space(ask: &Ask<'_>) -> Verdict {
    let (least, good) = if ask.is_gardener() {
        (50.0, 100.0)
    } else {
        (10.0, 20.0)
    };
    let Some(free) = ask
        .view(Scope::Engine, "disk_free_gib", |view| &view.disk_free_gib)?
        .copied()
    else {
        return Err(unknown("the engine's folder cannot be found"));
    };
    let text = format!("{free:.0} GiB are free for the engine");
    let values = (format!("{free:.0} GiB"), format!("{good:.0} GiB"));
    Ok(if free < least {
        fail(text).values(values.0, values.1)
    } else if free < good {
        warn(text).values(values.0, values.1)
    } else {
        pass(text)
    })
}

fn inodes(ask: &Ask<'_>) -> Verdict {
    let Some(inodes) = ask.view(Scope::Engine, "inodes", |view| &view.inodes)? else {
        return skip("the file system does not count inodes");
    };
    let text = format!(
        "{} inodes ({:.0} %) are free for the engine",
        inodes.free, inodes.free_pct
    );
    Ok(if inodes.free_pct < 5.0 || inodes.free < 200_000 {
        warn(text).values(inodes.free, 200_000)
    } else {
        pass(text)
    })
}

fn swap(ask: &Ask<'_>) -> Verdict {
    let on = ask.view(Scope::Engine, "swap", |view| &view.swap)?;
    Ok(if on == Some(&true) {
        info("swap is in use")
    } else {
        pass("no swap")
    })
}
