//! `SELinux` and `AppArmor`.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "selinux-mode",
        title: "SELinux",
        platforms: LINUX,
        fix: FixClass::None,
        reads: "`/sys/fs/selinux/enforce`, `/info` SecurityOptions",
        rule: "enforcing is told",
        why: "nodes are privileged and not confined; helpers that mount files of the host are",
        remedies: &[Remedy::any(
            "label mounts with `:z`, install container-selinux, and leave SELinux on",
            &["sudo dnf install container-selinux"],
        )],
        run: selinux,
        ..BASE
    },
    Check {
        id: "apparmor-parser",
        title: "AppArmor's parser",
        platforms: LINUX_AND_WSL,
        fix: FixClass::Root,
        reads: "`/sys/module/apparmor/parameters/enabled`, `apparmor_parser`",
        rule: "enabled without the parser warns",
        why: "the engine cannot load its profile then, and starts no container with it",
        remedies: &[Remedy::any(
            "install the package apparmor",
            &["sudo apt-get install apparmor"],
        )],
        run: apparmor,
        ..BASE
    },
];

fn selinux(ask: &Ask<'_>) -> Verdict {
    let enforcing = ask
        .file(Scope::Engine, "/sys/fs/selinux/enforce")?
        .is_some_and(|text| text.trim() == "1");
    if !enforcing {
        return Ok(pass("SELinux does not enforce, or is not there"));
    }
    let labelled = ask
        .info()
        .is_ok_and(|info| info.has_security_option("selinux"));
    Ok(if labelled {
        info("SELinux enforces, and the engine labels containers: mounts need `:z`")
    } else {
        info("SELinux enforces, and the engine does not label containers")
    })
}

fn apparmor(ask: &Ask<'_>) -> Verdict {
    let path = "/sys/module/apparmor/parameters/enabled";
    let enabled = ask
        .file(Scope::Engine, path)?
        .is_some_and(|text| text.trim() == "Y");
    if !enabled {
        return Ok(pass("AppArmor is not at work"));
    }
    Ok(
        match ask.command(Scope::Engine, "apparmor_parser --version")? {
            Some(_) => pass("AppArmor is at work, and its parser is there"),
            None => warn("AppArmor is at work, and its parser is missing")
                .values("not installed", "apparmor_parser"),
        },
    )
}
