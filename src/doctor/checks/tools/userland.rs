//! Programs that scripts expect of a Linux machine.

use super::{super::prelude::*, BASE, install};
use crate::doctor::{facts::CommandAnswer, parse::versions};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "tool-iproute2",
        title: "The program ip",
        needs: &[Need::Gardener],
        reads: "`ip -V`",
        rule: "missing fails",
        why: "Gardener's scripts put addresses on loopback with it",
        remedies: &install(
            "install it",
            &["sudo apt-get install iproute2"],
            &["brew install iproute2mac"],
        ),
        run: iproute2,
        ..BASE
    },
    Check {
        id: "tool-gnu-userland",
        title: "GNU programs",
        needs: &[Need::Gardener],
        reads: "`--version` of sed, tar, grep, bash and parallel",
        rule: "variants of BSD or busybox, a missing one and bash before 4 fail; missing parallel warns",
        why: "scripts edit in place, use long options and features of bash 4",
        remedies: &install(
            "install the GNU programs and put them first in PATH of what needs them",
            &["sudo apt-get install bash sed tar grep parallel"],
            &["brew install bash gnu-sed gnu-tar grep parallel"],
        ),
        run: gnu,
        ..BASE
    },
];

fn iproute2(ask: &Ask<'_>) -> Verdict {
    Ok(match ask.command(Scope::Host, "ip -V")? {
        Some(answer) => pass(answer.first_line()),
        None => fail("the program ip is missing").values("not installed", "ip"),
    })
}

/// Programs that have to be GNU's.
const GNU: [&str; 4] = ["sed", "tar", "grep", "bash"];

/// Whether an answer is GNU's. BSD's grep calls itself "GNU compatible".
fn is_gnu(answer: &CommandAnswer) -> bool {
    let text = answer.out.to_lowercase();
    answer.succeeded() && text.contains("gnu") && !text.contains("bsd") && !text.contains("busybox")
}

fn gnu(ask: &Ask<'_>) -> Verdict {
    let mut foreign = Vec::new();
    for name in GNU {
        let answer = ask.command(Scope::Host, &format!("{name} --version"))?;
        if !answer.is_some_and(is_gnu) {
            foreign.push(name);
        }
    }
    let bash = ask.command(Scope::Host, "bash --version")?;
    let old = bash
        .and_then(|answer| versions::version(&answer.out))
        .is_some_and(|version| version.major < 4);
    if old && !foreign.contains(&"bash") {
        foreign.push("bash");
    }
    if !foreign.is_empty() {
        let list = foreign.join(", ");
        return Ok(fail(format!("{list}: missing, old or not GNU's"))
            .values(list, "GNU programs, bash 4 or later"));
    }
    Ok(match ask.command(Scope::Host, "parallel --version")? {
        Some(_) => pass("GNU programs"),
        None => warn("parallel is missing").values("not installed", "parallel"),
    })
}
