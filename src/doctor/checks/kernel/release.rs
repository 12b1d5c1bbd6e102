//! The kernel's release, and whether its modules can be loaded.

use semver::Version;

use super::{super::prelude::*, BASE, lookup::missing_for_nodes};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kernel-version",
        title: "The kernel's release",
        fix: FixClass::Manual,
        reads: "`/info` KernelVersion or `/proc/version`",
        rule: "below 5.4 fails; below 5.10 warns, and fails with Calico; a rootless engine below 5.11 warns",
        why: "Kubernetes tests 5.4 and later, Calico needs 5.10, and overlays in user namespaces came with 5.11",
        remedies: &[
            Remedy::any(
                "upgrade the distribution, or install its kernel for newer hardware",
                &["sudo apt-get install linux-generic-hwe-22.04"],
            ),
            Remedy::platform(Platform::Wsl, "update WSL's kernel", &["wsl.exe --update"]),
            Remedy::platform(
                Platform::Macos,
                "update the provider's virtual machine image",
                &[],
            ),
        ],
        run: version,
        ..BASE
    },
    Check {
        id: "kernel-modules-dir",
        title: "Modules of the running kernel",
        platforms: LINUX_AND_WSL,
        fix: FixClass::Reboot,
        reads: "`/lib/modules` and its folders, which features are loaded or built in",
        rule: "the folder of the running kernel passes; folders of other kernels only fail while a feature that nodes need is missing, and \
               warn otherwise; no folder at all warns unless all of them are there",
        why: "rolling distributions delete the running kernel's modules with an upgrade: everything works until the first module is wanted",
        remedies: &[
            Remedy::any(
                "restart the machine into the new kernel",
                &["sudo systemctl reboot"],
            ),
            Remedy::platform(
                Platform::Wsl,
                "supply the module disk of the kernel, or go back to the stock one",
                &["wsl.exe --shutdown"],
            ),
        ],
        run: modules_dir,
        ..BASE
    },
    Check {
        id: "kernel-config-readable",
        title: "The kernel's configuration",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/proc/config.gz`, `/boot/config-RELEASE`, the folder of the modules",
        rule: "none is told",
        why: "features that are compiled in and listed nowhere else look as if they were missing",
        remedies: &[Remedy::any(
            "load the module that shows it, where there is one",
            &["sudo modprobe configs"],
        )],
        run: config,
        ..BASE
    },
];

fn version(ask: &Ask<'_>) -> Verdict {
    let kernel = ask.kernel()?;
    Ok(if kernel < Version::new(5, 4, 0) {
        fail(format!(
            "kernel {kernel} is older than what Kubernetes is tested with"
        ))
        .values(kernel, "5.4 or later")
    } else if kernel < Version::new(5, 10, 0) && ask.target().has_calico() {
        fail(format!("kernel {kernel} is too old for Calico")).values(kernel, "5.10 or later")
    } else if kernel < Version::new(5, 10, 0) {
        warn(format!(
            "kernel {kernel} is about to be dropped by Kubernetes"
        ))
        .values(kernel, "5.10 or later")
    } else if ask.is_rootless() && kernel < Version::new(5, 11, 0) {
        warn(format!(
            "kernel {kernel} has no overlays in user namespaces"
        ))
        .values(kernel, "5.11 or later")
    } else {
        pass(format!("kernel {kernel}"))
    })
}

fn modules_dir(ask: &Ask<'_>) -> Verdict {
    let modules = ask.modules()?;
    if modules.dir_for_running_kernel {
        return Ok(pass("the running kernel's modules are there"));
    }
    let (tables, rest) = missing_for_nodes(ask, modules);
    let missing = [tables, rest].concat();
    let list = missing.join(", ");
    let others = modules.other_dirs.join(", ");
    Ok(match (modules.other_dirs.is_empty(), missing.is_empty()) {
        (false, false) => fail(format!(
            "the running kernel's modules were replaced by those of {others}, and {list} cannot be loaded any more"
        ))
        .values(format!("modules of {others}"), "modules of the running kernel"),
        (false, true) => warn(format!("the kernel was upgraded to {others} and the machine not restarted"))
            .values(format!("modules of {others}"), "modules of the running kernel"),
        (true, false) => warn(format!("there are no modules to load, and {list} are not built in"))
            .values("no modules", "modules of the running kernel"),
        (true, true) => pass("there are no modules to load, and none are needed"),
    })
}

fn config(ask: &Ask<'_>) -> Verdict {
    let source = match &ask.modules()?.config_source {
        crate::doctor::Fact::NotRecorded => {
            return Err(Gap::NotRecorded {
                scope: Scope::Engine,
                key: "modules.config_source".to_owned(),
            });
        }
        other => other.known(),
    };
    Ok(match source {
        Some(source) => pass(format!("read from {source}")),
        None => info(
            "the kernel's configuration is not readable; features are judged by lists of modules only",
        ),
    })
}
