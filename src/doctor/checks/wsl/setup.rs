//! How WSL is set up.

use semver::Version;

use super::{
    super::{addressing::wsl_writes_resolv_conf, prelude::*},
    BASE,
};
use crate::doctor::parse::versions;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "wsl-version",
        title: "The release of WSL",
        reads: "`/proc/version`, `wsl.exe --version`",
        rule: "WSL 1 fails; a package before 2.0 warns",
        why: "WSL 1 has no kernel of its own; mirrored networking came with 2.0",
        remedies: &[Remedy::any(
            "move the distribution to WSL 2 and update the package",
            &["wsl.exe --set-version DISTRIBUTION 2", "wsl.exe --update"],
        )],
        run: version,
        ..BASE
    },
    Check {
        id: "wsl-systemd",
        title: "systemd in WSL",
        ceiling: Ceiling([W, W, W]),
        per_target: &[(Target::Gardener, Ceiling([F, F, F]))],
        reads: "the name of process 1",
        rule: "anything but systemd warns, and fails for Gardener",
        why: "the engine's service, systemd-resolved and cgroup v2 depend on it",
        remedies: &[Remedy::any(
            "switch it on in wsl.conf and restart WSL",
            &[
                "printf '[boot]\\nsystemd=true\\n' | sudo tee -a /etc/wsl.conf",
                "wsl.exe --shutdown",
            ],
        )],
        run: systemd,
        ..BASE
    },
    Check {
        id: "wsl-networking-mode",
        title: "The network of WSL",
        ceiling: Ceiling([W, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        fix: FixClass::Reboot,
        reads: "`wslinfo --networking-mode`; packages without that program translate addresses",
        rule: "mirrored passes; nat warns, and fails for Gardener; every other mode warns",
        why: "translated, the distribution has a private IPv4 address and no IPv6",
        remedies: &[Remedy::any(
            "set networkingMode=mirrored below [wsl2] in .wslconfig and restart WSL",
            &["wsl.exe --shutdown"],
        )],
        link: Some("https://learn.microsoft.com/windows/wsl/networking"),
        run: networking,
        ..BASE
    },
    Check {
        id: "wsl-resolvconf",
        title: "resolv.conf in WSL",
        ceiling: Ceiling([W, W, W]),
        needs: &[Need::Gardener],
        reads: "`/etc/wsl.conf`",
        rule: "a generated resolv.conf warns",
        why: "WSL writes it at each start, and systemd-resolved is not asked",
        remedies: &[Remedy::any(
            "set generateResolvConf=false below [network] in wsl.conf and let resolv.conf lead to systemd-resolved",
            &[
                "sudo editor /etc/wsl.conf",
                "sudo ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf",
            ],
        )],
        run: resolv_conf,
        ..BASE
    },
    Check {
        id: "wsl-workdir-mount",
        title: "The working directory",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "the file system of the working directory",
        rule: "a folder of Windows warns",
        why: "it is slow, has other permissions, and watches of files do not fire; what nodes mount inherits that",
        remedies: &[Remedy::any(
            "work below the home folder of the distribution",
            &["cd ~"],
        )],
        run: workdir,
        ..BASE
    },
];

fn version(ask: &Ask<'_>) -> Verdict {
    let kernel = ask.file(Scope::Host, "/proc/version")?.unwrap_or_default();
    // WSL 1 calls itself Microsoft without more, and its kernel never changed.
    if kernel.contains("-Microsoft") && !kernel.contains("WSL2") {
        return Ok(fail("this is WSL 1, which has no kernel of its own").values("WSL 1", "WSL 2"));
    }
    let Some(answer) = ask.command(Scope::Host, "wsl.exe --version")? else {
        return Err(unknown("programs of Windows cannot be started"));
    };
    let Some(version) = versions::version(&answer.out) else {
        return Ok(
            warn("WSL tells no version, as packages before 2.0 do").values("none", "2.0 or later")
        );
    };
    Ok(if version < Version::new(2, 0, 0) {
        warn(format!("WSL {version} has no mirrored networking")).values(&version, "2.0 or later")
    } else {
        pass(format!("WSL {version}"))
    })
}

fn systemd(ask: &Ask<'_>) -> Verdict {
    let name = ask
        .file(Scope::Host, "/proc/1/comm")?
        .unwrap_or_default()
        .trim();
    Ok(if name == "systemd" {
        pass("systemd")
    } else {
        fail(format!("process 1 is {name}")).values(name, "systemd")
    })
}

fn networking(ask: &Ask<'_>) -> Verdict {
    let answer = ask.command(Scope::Host, "wslinfo --networking-mode")?;
    let mode = answer.map_or("nat", |answer| answer.first_line());
    Ok(match mode {
        "mirrored" => pass("mirrored; Windows and Linux do not share ::1"),
        "nat" => {
            fail("addresses are translated: the distribution has no IPv6").values(mode, "mirrored")
        }
        other => warn(format!("networking mode {other} may lack IPv6")).values(other, "mirrored"),
    })
}

fn resolv_conf(ask: &Ask<'_>) -> Verdict {
    let text = ask.file(Scope::Host, "/etc/wsl.conf")?.unwrap_or_default();
    Ok(if wsl_writes_resolv_conf(text) {
        warn("WSL writes resolv.conf at each start").values("generated", "generateResolvConf=false")
    } else {
        pass("resolv.conf is left alone")
    })
}

fn workdir(ask: &Ask<'_>) -> Verdict {
    let Some(workdir) = ask.workdir()? else {
        return Err(unknown("the working directory cannot be read"));
    };
    let (path, fstype) = (&workdir.path, &workdir.fstype);
    Ok(if matches!(fstype.as_str(), "9p" | "drvfs" | "v9fs") {
        warn(format!("{path} is a folder of Windows ({fstype})"))
            .values(fstype, "a file system of Linux")
    } else {
        pass(format!("{path} is on {fstype}"))
    })
}
