//! Whether privileged containers can be started at all.

use super::{super::prelude::*, BASE};
use crate::doctor::parse::capabilities;

pub(super) const CHECKS: &[Check] = &[Check {
    id: "privileged-containers",
    title: "Privileged containers",
    scope: Scope::Engine,
    reads: "the bounding set of capabilities of this process, the engine's release and default runtime",
    rule: "a set without SYS_RESOURCE fails on engines before 23, warns on later ones, and is told where another default runtime than runc may make up for it; \
           a rootless engine is skipped",
    why: "nodes are privileged containers: old engines ask for every capability, and the kernel refuses with \"unable to apply caps\", which looks like a broken kind",
    remedies: &[Remedy::any(
        "upgrade the engine, or register a runtime that drops the missing capability before it starts runc",
        &["grep CapBnd /proc/self/status"],
    )],
    run: privileged,
    ..BASE
}];

fn privileged(ask: &Ask<'_>) -> Verdict {
    if ask.is_rootless() {
        return skip("a rootless engine has the capabilities of its user namespace");
    }
    let Some(status) = if_known(ask.file(Scope::Engine, "/proc/self/status")) else {
        return skip("the snapshot tells nothing of capabilities");
    };
    let Some(set) = capabilities::bounding_set(status) else {
        return Err(unknown("the bounding set of capabilities cannot be read"));
    };
    if capabilities::has(set, capabilities::SYS_RESOURCE) {
        return Ok(pass("no capability is missing that nodes need"));
    }
    let runtime = ask
        .info()
        .map_or("runc", |info| info.default_runtime.as_str());
    let text = "this machine withholds the capability SYS_RESOURCE";
    if !matches!(runtime, "runc" | "io.containerd.runc.v2" | "crun" | "") {
        return Ok(info(format!(
            "{text}; the default runtime {runtime} may make up for it"
        )));
    }
    let old = ask.engine().is_ok_and(|release| release.major < 23);
    let finding = if old {
        fail(format!(
            "{text}: this engine cannot start privileged containers"
        ))
    } else {
        warn(format!("{text}: privileged containers may not start"))
    };
    Ok(finding.values("no SYS_RESOURCE", "SYS_RESOURCE"))
}
