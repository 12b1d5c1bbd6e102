//! Plug-ins of the docker client.

use semver::Version;

use super::{super::prelude::*, BASE, install, version_of};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "tool-compose",
        title: "docker compose",
        needs: &[Need::Gardener],
        reads: "`docker compose version --short`",
        rule: "missing fails; below 2.20 warns",
        why: "the landscape's registry and name server are compose projects",
        remedies: &install(
            "install the plug-in",
            &["sudo apt-get install docker-compose-plugin"],
            &["brew install docker-compose"],
        ),
        run: compose,
        ..BASE
    },
    Check {
        id: "tool-buildx",
        title: "docker buildx",
        ceiling: Ceiling([I, I, I]),
        reads: "`docker buildx version`",
        rule: "missing is told",
        why: "images of local components are built with it; the classic builder is on its way out",
        remedies: &install(
            "install the plug-in",
            &["sudo apt-get install docker-buildx-plugin"],
            &["brew install docker-buildx"],
        ),
        run: buildx,
        ..BASE
    },
];

fn compose(ask: &Ask<'_>) -> Verdict {
    let answer = ask.command(Scope::Host, "docker compose version --short")?;
    if answer.is_none_or(|answer| !answer.succeeded()) {
        return Ok(fail("docker compose is missing").values("not installed", "docker compose"));
    }
    Ok(match version_of(ask, "docker compose version --short")? {
        Some(version) if version < Version::new(2, 20, 0) => {
            warn(format!("docker compose {version} does not know `include`"))
                .values(&version, "2.20 or later")
        }
        version => pass(format!(
            "docker compose {}",
            version.map_or(String::new(), |version| version.to_string())
        )),
    })
}

fn buildx(ask: &Ask<'_>) -> Verdict {
    let answer = ask.command(Scope::Host, "docker buildx version")?;
    Ok(match answer.filter(|answer| answer.succeeded()) {
        Some(answer) => pass(answer.first_line()),
        None => info("docker buildx is missing; local images are built with the classic builder"),
    })
}
