//! Programs that make and use clusters.

use semver::Version;

use super::{super::prelude::*, BASE, install, version_of};
use crate::doctor::parse::versions::kubernetes_minor;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "tool-docker-cli",
        title: "The docker client",
        reads: "`docker --version`",
        rule: "missing fails; Podman under that name warns",
        why: "kind starts this program; that the engine answers is not enough",
        remedies: &install(
            "install the client",
            &["sudo apt-get install docker-ce-cli"],
            &["brew install docker"],
        ),
        run: docker,
        ..BASE
    },
    Check {
        id: "tool-kind",
        title: "kind",
        reads: "`kind version`, the planned Kubernetes release",
        rule: "missing fails unless garden6 brings it; below 0.11 fails for IPv6; below 0.20, below 0.30 for Gardener, and a planned release that is newer \
               than kind's own node image warn",
        why: "dual-stack came with 0.11, and node images fit the release that they were published with",
        remedies: &install(
            "install the current release",
            &["go install sigs.k8s.io/kind@latest"],
            &["brew install kind"],
        ),
        link: Some("https://github.com/kubernetes-sigs/kind/releases"),
        run: kind,
        ..BASE
    },
    Check {
        id: "tool-kubectl",
        title: "kubectl",
        reads: "`kubectl version --client`, the planned Kubernetes release",
        rule: "missing fails; more than one minor release from the planned one warns; below 1.30 fails for Gardener",
        why: "Kubernetes supports one minor release in each direction",
        remedies: &install(
            "install a release near the planned one",
            &["sudo apt-get install kubectl"],
            &["brew install kubernetes-cli"],
        ),
        link: Some("https://kubernetes.io/releases/version-skew-policy/"),
        run: kubectl,
        ..BASE
    },
    Check {
        id: "tool-helm",
        title: "helm",
        reads: "`helm version --short`",
        rule: "missing fails for Gardener and is told otherwise; below 3.8 warns",
        why: "components are charts, and charts come from registries since 3.8",
        remedies: &install(
            "install the current release",
            &["sudo snap install helm --classic"],
            &["brew install helm"],
        ),
        run: helm,
        ..BASE
    },
    Check {
        id: "tool-containerlab",
        title: "containerlab",
        platforms: LINUX,
        needs: &[Need::MiniLab],
        reads: "`containerlab version`, the engine's release",
        rule: "missing fails, and so does an engine before 24",
        why: "it builds the switches of mini-lab",
        remedies: &[Remedy::any(
            "install it from its own packages",
            &["sudo apt-get install containerlab"],
        )],
        run: containerlab,
        ..BASE
    },
];

fn docker(ask: &Ask<'_>) -> Verdict {
    let Some(answer) = ask.command(Scope::Host, "docker --version")? else {
        return Ok(fail("the docker client is missing, and kind starts it")
            .values("not installed", "docker"));
    };
    let text = answer.first_line();
    Ok(if text.to_lowercase().contains("podman") {
        warn(format!("docker is Podman ({text})")).values(text, "Docker's client")
    } else {
        pass(text)
    })
}

/// Releases of kind and the Kubernetes minor release of their node images.
const NODE_IMAGES: [(u64, u64); 19] = [
    (11, 21),
    (12, 23),
    (13, 24),
    (14, 24),
    (15, 25),
    (16, 25),
    (17, 25),
    (18, 26),
    (19, 27),
    (20, 27),
    (21, 29),
    (22, 29),
    (23, 30),
    (24, 31),
    (25, 31),
    (26, 32),
    (27, 32),
    (28, 33),
    (29, 33),
];
/// From this release on each one came with the next minor release of Kubernetes.
const STEADY: (u64, u64) = (30, 34);

fn newest_for(kind: &Version) -> Option<u64> {
    if kind.major > 0 {
        return None;
    }
    if kind.minor >= STEADY.0 {
        return Some(STEADY.1 + kind.minor - STEADY.0);
    }
    let known = NODE_IMAGES
        .iter()
        .find(|(release, _)| *release == kind.minor);
    known.map(|(_, minor)| *minor)
}

fn kind(ask: &Ask<'_>) -> Verdict {
    let Some(version) = version_of(ask, "kind version")? else {
        return Ok(if ask.plan().kind_bundled {
            pass("garden6 brings kind itself")
        } else {
            fail("kind is missing").values("not installed", "kind")
        });
    };
    let planned = kubernetes_minor(&ask.plan().k8s);
    let newest = newest_for(&version);
    let too_new = planned
        .zip(newest)
        .is_some_and(|(planned, newest)| planned > newest);
    Ok(
        if version < Version::new(0, 11, 0) && ask.profile().has_ipv6() {
            fail(format!("kind {version} has no dual-stack and breaks IPv6"))
                .values(&version, "0.20 or later")
        } else if version < Version::new(0, 20, 0) {
            warn(format!(
                "kind {version} is too old for current engines and node images"
            ))
            .values(&version, "0.20 or later")
        } else if ask.is_gardener() && version < Version::new(0, 30, 0) {
            warn(format!(
                "kind {version} is older than Gardener's local setup expects"
            ))
            .values(&version, "0.30 or later")
        } else if too_new {
            let newest = newest.unwrap_or_default();
            warn(format!(
                "kind {version} was published with Kubernetes 1.{newest}, {} is planned",
                ask.plan().k8s
            ))
            .values(&version, "a later release")
        } else {
            pass(format!("kind {version}"))
        },
    )
}

fn kubectl(ask: &Ask<'_>) -> Verdict {
    let Some(version) = version_of(ask, "kubectl version --client")? else {
        return Ok(fail("kubectl is missing").values("not installed", "kubectl"));
    };
    if ask.is_gardener() && version < Version::new(1, 30, 0) {
        return Ok(fail(format!("kubectl {version} is too old for Gardener"))
            .values(&version, "1.30 or later"));
    }
    let planned = &ask.plan().k8s;
    let apart = kubernetes_minor(planned).map_or(0, |minor| minor.abs_diff(version.minor));
    Ok(if apart > 1 {
        warn(format!(
            "kubectl {version} is {apart} minor releases from the planned {planned}"
        ))
        .values(&version, planned)
    } else {
        pass(format!("kubectl {version}"))
    })
}

fn helm(ask: &Ask<'_>) -> Verdict {
    Ok(match version_of(ask, "helm version --short")? {
        None if ask.is_gardener() => fail("helm is missing, and Gardener's components are charts")
            .values("not installed", "helm"),
        None => info("helm is missing; nothing that is planned needs it"),
        Some(version) if version < Version::new(3, 8, 0) => {
            warn(format!("helm {version} takes no charts from registries"))
                .values(&version, "3.8 or later")
        }
        Some(version) => pass(format!("helm {version}")),
    })
}

fn containerlab(ask: &Ask<'_>) -> Verdict {
    if ask.command(Scope::Host, "containerlab version")?.is_none() {
        return Ok(fail("containerlab is missing").values("not installed", "containerlab"));
    }
    let old = ask.engine().ok().filter(|release| release.major < 24);
    Ok(match old {
        Some(release) => fail(format!("containerlab needs Docker 24, this is {release}"))
            .values(&release, "24 or later"),
        None => pass("containerlab is there"),
    })
}
