//! What the engine complains about, and what it is busy with.

use super::{super::prelude::*, ENGINE};
use crate::doctor::{Status, finding::Finding};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-info-warnings",
        title: "Complaints of the engine",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "`/info` Warnings",
        rule: "missing limits for memory, processors or processes, missing cgroups and an unprotected TCP socket warn; \
               what other checks are about, and block devices, are left out; lines nobody knows are told",
        why: "most of these lines are harmless, and a few decide",
        remedies: &[Remedy::any(
            "see the check about each line",
            &["docker info --format '{{json .Warnings}}'"],
        )],
        run: warnings,
        ..ENGINE
    },
    Check {
        id: "docker-swarm-active",
        title: "Swarm mode",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "`/info` Swarm and FirewallBackend",
        rule: "an active swarm is told; with the nftables backend it warns",
        why: "a swarm takes address pools for networks of its own; it does not work with nftables",
        remedies: &[Remedy::any(
            "leave the swarm if it is a leftover",
            &["docker swarm leave --force"],
        )],
        run: swarm,
        ..ENGINE
    },
];

/// What a line is about, in the words of all releases, and how bad that is.
const LINES: [(&str, Status); 17] = [
    ("ipv4 forwarding is disabled", Status::Pass),
    ("ipv6 forwarding is disabled", Status::Pass),
    ("bridge-nf-call", Status::Pass),
    ("blkio", Status::Pass),
    ("no io.", Status::Pass),
    ("swap limit", Status::Pass),
    ("kernel memory", Status::Pass),
    ("oom kill", Status::Pass),
    ("docker_insecure_no_iptables_raw", Status::Info),
    ("support for cgroup v1 is deprecated", Status::Info),
    ("no memory", Status::Warn),
    ("no cpu", Status::Warn),
    ("no pids", Status::Warn),
    ("no cpuset", Status::Warn),
    ("rootless-mode without cgroups", Status::Warn),
    ("without encryption", Status::Warn),
    ("api is accessible", Status::Warn),
];

fn warnings(ask: &Ask<'_>) -> Verdict {
    let lines = &ask.info()?.warnings;
    let findings: Vec<Finding> = lines.iter().map(|line| judge(line)).collect();
    Ok(worst(
        findings,
        pass(format!("{} lines, none of weight", lines.len())),
    ))
}

fn judge(line: &str) -> Finding {
    let lower = line.to_lowercase();
    let known = LINES.iter().find(|(part, _)| lower.contains(part));
    let text = line.trim_start_matches("WARNING: ");
    match known.map(|(_, status)| *status) {
        Some(Status::Warn) => warn(format!("the engine says: {text}")),
        Some(Status::Pass) => pass(text),
        _ => info(format!("the engine says: {text}")),
    }
}

fn swarm(ask: &Ask<'_>) -> Verdict {
    let state = ask.info()?.swarm.as_str();
    Ok(if state != "active" {
        pass("no swarm")
    } else if ask.uses_nftables()? {
        warn("a swarm is active, which the nftables backend does not support")
            .values("active", "inactive")
    } else {
        info("a swarm is active and takes address pools of its own")
    })
}
