//! Whether the engine may switch forwarding on.

use super::{super::prelude::*, BASE, filtering::not_forwarding, key};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-ip-forward",
        title: "Forwarding by the engine",
        platforms: LINUX_AND_WSL,
        reads: "the keys `ip-forward` and `ip-forward-no-drop`, the forwarding sysctls",
        rule: "switched off fails while a forwarding sysctl is 0 and is told otherwise; `ip-forward-no-drop` is told",
        why: "the engine writes the sysctls when it makes a bridge, unless it was told not to",
        remedies: &key("drop `\"ip-forward\": false`, or switch forwarding on for good yourself"),
        run: ip_forward,
        ..BASE
    },
    Check {
        id: "docker-live-restore",
        title: "Containers that outlive the engine",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/info` LiveRestoreEnabled",
        rule: "switched on is told",
        why: "a restart of the engine leaves networks and filters as they were, so that changes seem to do nothing",
        remedies: &[Remedy::any(
            "stop the containers before the engine is restarted for a change",
            &[
                "docker stop $(docker ps -q)",
                "sudo systemctl restart docker",
            ],
        )],
        run: live_restore,
        ..BASE
    },
];

fn ip_forward(ask: &Ask<'_>) -> Verdict {
    if ask.daemon_switch("ip-forward")? == Some(false) {
        return Ok(match not_forwarding(ask)? {
            Some(key) => fail(format!(
                "the engine may not switch forwarding on, and {key} is 0"
            ))
            .values(format!("{key} = 0"), "1")
            .command(format!("sudo sysctl -w {key}=1")),
            None => info("the engine may not switch forwarding on; it is on already"),
        });
    }
    Ok(if ask.daemon_switch("ip-forward-no-drop")? == Some(true) {
        info("the engine switches forwarding on and lets the FORWARD policy alone")
    } else {
        pass("the engine switches forwarding on when it needs it")
    })
}

fn live_restore(ask: &Ask<'_>) -> Verdict {
    Ok(if ask.info()?.live_restore_enabled {
        info("containers outlive a restart of the engine, and their networks stay as they were")
    } else {
        pass("a restart of the engine makes networks anew")
    })
}
