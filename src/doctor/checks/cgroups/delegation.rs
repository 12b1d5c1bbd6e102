//! What the user of a rootless engine may hand on.

use super::{super::prelude::*, BASE};
use crate::doctor::parse::subids;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "cgroup-delegation",
        title: "Delegated controllers",
        platforms: LINUX_AND_WSL,
        fix: FixClass::Root,
        needs: &[Need::Rootless],
        reads: "the controllers of the user's manager",
        rule: "without cpu, memory or pids it fails; without cpuset or io it is told",
        why: "the kubelet of a rootless node makes groups with these three",
        remedies: &[Remedy::any(
            "let systemd delegate to users, reload it and log in again",
            &[
                "sudo mkdir -p /etc/systemd/system/user@.service.d",
                "printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/90-garden6.conf",
                "sudo systemctl daemon-reload",
            ],
        )],
        link: Some("https://kind.sigs.k8s.io/docs/user/rootless/"),
        run: delegated,
        ..BASE
    },
    Check {
        id: "user-namespaces",
        title: "User namespaces",
        platforms: LINUX_AND_WSL,
        fix: FixClass::Root,
        needs: &[Need::Rootless],
        reads: "`user.max_user_namespaces`, `/etc/subuid`, `/etc/subgid`",
        rule: "none allowed, and fewer than 65536 mapped ids of the user, fail",
        why: "images use ids up to 65535, and system users inside nodes are among them",
        remedies: &[Remedy::any(
            "map 65536 ids, stop all rootless containers and log in again",
            &["sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \"$USER\""],
        )],
        run: namespaces,
        ..BASE
    },
    Check {
        id: "systemd-version",
        title: "systemd for a rootless engine",
        platforms: LINUX_AND_WSL,
        needs: &[Need::Rootless],
        reads: "the init program and its version, delegated controllers",
        rule: "another init program fails; below 244 warns; below 252 without a delegated cpu warns",
        why: "only systemd delegates to users; cpuset came with 244, and cpu by default with 252",
        remedies: &[Remedy::any(
            "use a distribution with systemd 252 or later, or delegate by hand",
            &[],
        )],
        run: systemd,
        ..BASE
    },
];

fn controllers<'a>(ask: &Ask<'a>) -> Result<&'a [String], Gap> {
    let list = ask.view(Scope::Engine, "delegated", |view| &view.delegated)?;
    Ok(list.map(Vec::as_slice).unwrap_or_default())
}

fn delegated(ask: &Ask<'_>) -> Verdict {
    let list = controllers(ask)?;
    let lacks = |names: &[&'static str]| -> Vec<&'static str> {
        names
            .iter()
            .copied()
            .filter(|name| !list.iter().any(|own| own == name))
            .collect()
    };
    let needed = lacks(&["cpu", "memory", "pids"]);
    let useful = lacks(&["cpuset", "io"]);
    let have = list.join(", ");
    Ok(if !needed.is_empty() {
        fail(format!(
            "{} is not delegated to the user",
            needed.join(", ")
        ))
        .values(have, "cpu, memory, pids")
    } else if useful.is_empty() {
        pass(format!("{have} are delegated"))
    } else {
        info(format!(
            "{} is not delegated to the user",
            useful.join(", ")
        ))
        .values(have, "cpu, cpuset, io, memory, pids")
    })
}

/// How many ids images use.
const IDS: u64 = 65_536;

fn namespaces(ask: &Ask<'_>) -> Verdict {
    if ask.sysctl("user.max_user_namespaces")? == Some(0) {
        return Ok(fail("user namespaces are switched off")
            .values(0, "1 or more")
            .command("sudo sysctl -w user.max_user_namespaces=127000"));
    }
    if if_known(ask.sysctl("kernel.unprivileged_userns_clone")) == Some(0) {
        return Ok(fail("users may not make user namespaces")
            .values(0, 1)
            .command("sudo sysctl -w kernel.unprivileged_userns_clone=1"));
    }
    let user = ask.env("USER")?.unwrap_or_default();
    let uid = if_known(ask.view(Scope::Host, "user", |view| &view.user)).map(|user| user.uid);
    let text = ask.file(Scope::Host, "/etc/subuid")?.unwrap_or_default();
    let uids = subids::mapped(text, user, uid);
    let groups = if_known(ask.file(Scope::Host, "/etc/subgid"));
    let gids = groups.map_or(uids, |text| subids::mapped(text, user, uid));
    let ids = uids.min(gids);
    Ok(if ids < IDS {
        fail(format!("{user} maps {ids} ids"))
            .values(ids, IDS)
            .command(format!(
                "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
            ))
    } else {
        pass(format!("{user} maps {ids} ids"))
    })
}

fn systemd(ask: &Ask<'_>) -> Verdict {
    let Some(version) = ask.view(Scope::Engine, "systemd", |view| &view.systemd)? else {
        return Ok(
            fail("the init program is not systemd, which alone delegates control groups")
                .values("another", "systemd"),
        );
    };
    let cpu = controllers(ask)?.iter().any(|name| name == "cpu");
    Ok(if *version < 244 {
        warn(format!("systemd {version} cannot delegate cpuset")).values(version, 252)
    } else if *version < 252 && !cpu {
        warn(format!("systemd {version} does not delegate cpu by itself")).values(version, 252)
    } else {
        pass(format!("systemd {version}"))
    })
}
