//! Limits of processes.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ulimit-nofile",
        title: "Open files of this program",
        scope: Scope::Host,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        reads: "the limits of this process, which a rootless engine shares",
        rule: "fewer than 64000 for a rootless engine and fewer than 256 for this program warn; the 256 of macOS are told",
        why: "logs, forwarded ports and images of several nodes are hundreds of open files",
        remedies: &[
            Remedy::any(
                "raise LimitNOFILE of the user's services; garden6 raises its own soft limit",
                &["systemctl --user edit docker", "ulimit -n 1048576"],
            ),
            Remedy::platform(
                Platform::Macos,
                "garden6 raises its own limit; raise the system's with launchd",
                &["sudo launchctl limit maxfiles 65536 1048576"],
            ),
        ],
        run: nofile,
        ..BASE
    },
    Check {
        id: "pids-limit",
        title: "Processes",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        reads: "`kernel.pid_max`",
        rule: "below 32768 warns",
        why: "each node is an operating system with hundreds of processes",
        remedies: &[Remedy::any(
            "raise it",
            &["sudo sysctl -w kernel.pid_max=4194304"],
        )],
        run: pids,
        ..BASE
    },
];

/// What kind's rootless entry point insists on.
const ROOTLESS: u64 = 64_000;
/// What this program opens without effort.
const OWN: u64 = 256;

fn nofile(ask: &Ask<'_>) -> Verdict {
    let Some(&(soft, hard)) = ask.view(Scope::Host, "nofile", |view| &view.nofile)? else {
        return Err(unknown("the limits of this process cannot be read"));
    };
    Ok(if ask.is_rootless() && hard < ROOTLESS {
        warn(format!("a rootless engine may open {hard} files")).values(hard, ROOTLESS)
    } else if soft < OWN {
        warn(format!("this program may open {soft} files")).values(soft, OWN)
    } else if ask.platform() == Platform::Macos && soft <= OWN {
        info(format!(
            "this program may open {soft} files and raises that to what it needs"
        ))
        .values(soft, hard)
    } else {
        pass(format!("{soft} files, {hard} at most"))
    })
}

fn pids(ask: &Ask<'_>) -> Verdict {
    let key = "kernel.pid_max";
    Ok(match ask.sysctl(key)? {
        Some(value) if value < 32_768 => warn(format!("the kernel has room for {value} processes"))
            .values(value, 32_768)
            .command(format!("sudo sysctl -w {key}=4194304")),
        _ => pass("room for many processes"),
    })
}
