//! The control group hierarchy.

use super::{super::prelude::*, BASE};
use crate::doctor::parse::versions::kubernetes_minor;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "cgroup-version",
        title: "cgroup v2",
        fix: FixClass::Reboot,
        engine: EngineNeed::Needed,
        reads: "`/info` CgroupVersion, the planned Kubernetes release",
        rule: "version 1 warns, and fails for Kubernetes 1.35 and later",
        why: "the kubelet refuses version 1 since then, and kind's node images are newer",
        remedies: &[
            Remedy::any(
                "remove `systemd.unified_cgroup_hierarchy=0` from the kernel's command line (set it to 1 on old distributions), or plan an older release",
                &["sudo editor /etc/default/grub", "sudo update-grub"],
            ),
            Remedy::platform(
                Platform::Wsl,
                "set kernelCommandLine=cgroup_no_v1=all in .wslconfig, or update WSL",
                &["wsl.exe --update", "wsl.exe --shutdown"],
            ),
            Remedy::platform(
                Platform::Macos,
                "update the provider's virtual machine image",
                &[],
            ),
        ],
        link: Some("https://kubernetes.io/docs/concepts/architecture/cgroups/"),
        run: version,
        ..BASE
    },
    Check {
        id: "cgroup-controllers",
        title: "Limits of the engine",
        fix: FixClass::Reboot,
        engine: EngineNeed::Needed,
        reads: "`/info` MemoryLimit, PidsLimit, CpuCfsQuota, CPUShares, CPUSet",
        rule: "without memory, processes or processors it fails; without cpuset it is told; a rootless engine is left to cgroup-delegation",
        why: "the kubelet does not start without them; small boards and virtual servers boot with memory off",
        remedies: &[Remedy::any(
            "switch the controller on in the kernel's command line (Raspberry Pi: cgroup_enable=memory in cmdline.txt)",
            &["sudo editor /boot/firmware/cmdline.txt"],
        )],
        run: controllers,
        ..BASE
    },
    Check {
        id: "cgroupns",
        title: "cgroup namespaces",
        ceiling: Ceiling([W, W, W]),
        engine: EngineNeed::Needed,
        reads: "`/info` SecurityOptions and CgroupVersion",
        rule: "none with version 1 warns",
        why: "nodes see the host's hierarchy and each other's pods in it",
        remedies: &[Remedy::any("move to cgroup v2, see cgroup-version", &[])],
        run: namespaces,
        ..BASE
    },
];

/// First minor release whose kubelet refuses version 1.
const REFUSES_V1: u64 = 35;

fn version(ask: &Ask<'_>) -> Verdict {
    let version = ask.info()?.cgroup_version.as_str();
    if version != "1" {
        return Ok(pass(format!("cgroup v{version}")));
    }
    let planned = &ask.plan().k8s;
    let refused = kubernetes_minor(planned).is_none_or(|minor| minor >= REFUSES_V1);
    let text = format!("cgroup v1, and Kubernetes {planned} is planned");
    let finding = if refused {
        fail(format!("{text}: its kubelet does not start"))
    } else {
        warn(text)
    };
    Ok(finding.values("v1", "v2"))
}

fn controllers(ask: &Ask<'_>) -> Verdict {
    if ask.is_rootless() {
        return skip("rootless, see cgroup-delegation");
    }
    let info_ = ask.info()?;
    let missing: Vec<&str> = [
        (info_.memory_limit, "memory"),
        (info_.pids_limit, "pids"),
        (info_.cpu_cfs_quota && info_.cpu_shares, "cpu"),
    ]
    .into_iter()
    .filter_map(|(there, name)| (!there).then_some(name))
    .collect();
    Ok(if !missing.is_empty() {
        let list = missing.join(", ");
        fail(format!("the engine cannot limit {list}"))
            .values(format!("no {list}"), "memory, pids, cpu")
    } else if info_.cpu_set {
        pass("memory, processes and processors can be limited")
    } else {
        info("the engine cannot assign processors (cpuset)")
    })
}

fn namespaces(ask: &Ask<'_>) -> Verdict {
    let info_ = ask.info()?;
    Ok(
        if info_.has_security_option("cgroupns") || info_.cgroup_version != "1" {
            pass("containers have a hierarchy of their own")
        } else {
            warn("containers share the host's hierarchy").values("no cgroupns", "cgroupns")
        },
    )
}
