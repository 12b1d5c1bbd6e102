//! Where the command runs.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "dind-environment",
        title: "Running in a container",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`/.dockerenv`, `/run/.containerenv`, variables of Kubernetes and of CI systems",
        rule: "a container is told, and features of the kernel have to be loaded already",
        why: "kernel and modules belong to somebody else, which changes the meaning of nearly every check",
        remedies: &[Remedy::any(
            "nothing to do; have the platform prepare the kernel",
            &[],
        )],
        run: nested,
        ..BASE
    },
    Check {
        id: "ci-runner-limits",
        title: "Hosted runners",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`GITHUB_ACTIONS`, `RUNNER_ENVIRONMENT`",
        rule: "a runner that GitHub hosts is told",
        why: "it has no IPv6 to the outside; inside the cluster IPv6 works",
        remedies: &[Remedy::any(
            "switch the checks of the way out off, with that reason",
            &["garden6 doctor --skip ipv6-default-route='hosted runner'"],
        )],
        run: runner,
        ..BASE
    },
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every check of the catalogue has this signature"
)]
fn nested(ask: &Ask<'_>) -> Verdict {
    Ok(if ask.is_nested() {
        info("this is a container: features of the kernel have to be loaded already")
    } else {
        pass("not in a container")
    })
}

fn runner(ask: &Ask<'_>) -> Verdict {
    let github = ask.env("GITHUB_ACTIONS")?.is_some();
    let own = ask.env("RUNNER_ENVIRONMENT")? == Some("self-hosted");
    Ok(if github && !own {
        info("a runner of GitHub: no IPv6 to the outside, about four processors and 16 GiB")
    } else {
        pass("not a hosted runner")
    })
}
