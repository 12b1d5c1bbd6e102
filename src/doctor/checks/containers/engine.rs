//! An engine inside a container.

use super::{
    super::{
        kernel::{Variant, missing_for_nodes, variant},
        prelude::*,
    },
    BASE,
};
use crate::doctor::facts::Dind;

const DIND: Check = Check {
    scope: Scope::Engine,
    needs: &[Need::Dind],
    ..BASE
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "dind-docker-root-volume",
        title: "The engine's folder in a container",
        reads: "the file system of the engine's folder",
        rule: "an overlay fails, memory warns",
        why: "overlays cannot be stacked on overlays",
        remedies: &[Remedy::any(
            "mount a volume at the engine's folder (emptyDir in a pod)",
            &["docker run --privileged -v /var/lib/docker IMAGE"],
        )],
        run: root_volume,
        ..DIND
    },
    Check {
        id: "dind-modprobe",
        title: "Loading modules in a container",
        ceiling: Ceiling([F, F, W]),
        reads: "`/lib/modules`, which features of nodes are loaded",
        rule: "without the folder, a missing IPv6 table fails where programs write legacy tables, and anything else that is missing warns",
        why: "nothing in the container can load modules",
        remedies: &[Remedy::any(
            "load them on the machine below, from a privileged DaemonSet or its image",
            &[
                "modprobe -a ip6_tables ip6table_nat ip6table_filter ip6table_mangle xt_set br_netfilter",
            ],
        )],
        run: modprobe,
        ..DIND
    },
    Check {
        id: "dind-proc-sys-writable",
        title: "/proc/sys in a container",
        reads: "how /proc/sys is mounted",
        rule: "read-only fails",
        why: "the engine cannot switch forwarding and IPv6 on",
        remedies: &[Remedy::any(
            "run the container privileged, or have the platform set the sysctls",
            &["docker run --privileged IMAGE"],
        )],
        run: proc_sys,
        ..DIND
    },
];

fn dind(ask: &Ask<'_>) -> Result<Dind, Gap> {
    let found = ask.view(Scope::Engine, "dind", |view| &view.dind)?;
    found
        .cloned()
        .ok_or_else(|| unknown("nothing is known of the container"))
}

fn root_volume(ask: &Ask<'_>) -> Verdict {
    let fstype = dind(ask)?.root_fs;
    Ok(match fstype.as_str() {
        "overlay" | "overlayfs" => fail("the engine's folder is on the container's own overlay")
            .values(&fstype, "a volume"),
        "tmpfs" => warn("the engine's folder is in memory").values(&fstype, "a volume on disk"),
        other => pass(format!("the engine's folder is on {other}")),
    })
}

fn modprobe(ask: &Ask<'_>) -> Verdict {
    if dind(ask)?.lib_modules_mounted {
        return Ok(pass("the folder of the modules is mounted"));
    }
    let (tables, rest) = missing_for_nodes(ask, ask.modules()?);
    Ok(if !tables.is_empty() && variant(ask) == Variant::Legacy {
        let list = tables.join(", ");
        fail(format!(
            "{list} is not loaded, and cannot be loaded from here"
        ))
        .values("not loaded", list)
    } else if tables.is_empty() && rest.is_empty() {
        pass("everything that nodes need is loaded")
    } else {
        let list = [tables, rest].concat().join(", ");
        warn(format!(
            "{list} is not loaded, and cannot be loaded from here"
        ))
        .values("not loaded", list)
    })
}

fn proc_sys(ask: &Ask<'_>) -> Verdict {
    Ok(if dind(ask)?.proc_sys_ro {
        fail("/proc/sys is read-only: the engine cannot switch forwarding on")
            .values("read-only", "writable")
    } else {
        pass("/proc/sys can be written")
    })
}
