//! What the chosen versions of Kubernetes, kind and Docker Engine cannot do.

use semver::Version;

use crate::{
    config::{Finding, Severity},
    net::Families,
};

/// The first Kubernetes whose kubeadm configures both families with kind's templates.
const DUAL_STACK_KUBERNETES: Version = Version::new(1, 20, 0);
/// The first kind with `ipFamily: dual`.
const DUAL_STACK_KIND: Version = Version::new(0, 11, 0);
/// The first Engine with private control-group namespaces (API 1.41), which kind's nodes use.
const PRIVATE_CGROUPS_ENGINE: Version = Version::new(20, 10, 0);

/// The versions that are known; an unknown one is not judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the node image.
    pub kubernetes: Option<Version>,
    /// Of the kind program.
    pub kind: Option<Version>,
    /// Of Docker Engine.
    pub engine: Option<Version>,
}

/// Holds the families of a plan against the versions.
pub fn versions(families: Families, versions: &Versions) -> Vec<Finding> {
    let older =
        |known: &Option<Version>, first: &Version| known.clone().filter(|version| version < first);
    let mut findings = Vec::new();
    if families.is_dual() {
        if let Some(version) = older(&versions.kubernetes, &DUAL_STACK_KUBERNETES) {
            findings.push(Finding {
                severity: Severity::Error,
                field: "ip-family",
                rule: "dual-stack-kubernetes",
                source: "Kubernetes 1.20 release notes: dual-stack Services",
                detail: format!("Kubernetes {version} of the node image has no dual-stack"),
                fix: format!("use a node image of Kubernetes {DUAL_STACK_KUBERNETES} or later"),
            });
        }
        if let Some(version) = older(&versions.kind, &DUAL_STACK_KIND) {
            findings.push(Finding {
                severity: Severity::Error,
                field: "ip-family",
                rule: "dual-stack-kind",
                source: "kind 0.11 release notes: ipFamily dual",
                detail: format!("kind {version} has no dual-stack"),
                fix: format!("use kind {DUAL_STACK_KIND} or later"),
            });
        }
    }
    if let Some(version) = older(&versions.engine, &PRIVATE_CGROUPS_ENGINE) {
        findings.push(Finding {
            severity: Severity::Error,
            field: "backend",
            rule: "engine-api",
            source: "Docker Engine API 1.41: private control-group namespaces",
            detail: format!("Docker Engine {version} cannot run kind's nodes"),
            fix: format!("use Docker Engine {PRIVATE_CGROUPS_ENGINE} or later"),
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::IpFamily;

    #[test]
    fn only_known_versions_that_are_too_old_are_findings() {
        type Known = [Option<&'static str>; 3];

        let single = Families::single(IpFamily::V6);
        let dual = Families::dual(IpFamily::V6);
        let cases: [(Families, Known, &[&str]); 6] = [
            (dual, [None, None, None], &[]),
            (single, [Some("1.19.1"), Some("0.10.0"), None], &[]),
            (
                dual,
                [Some("1.19.1"), Some("0.10.0"), None],
                &["dual-stack-kubernetes", "dual-stack-kind"],
            ),
            (dual, [Some("1.20.0"), Some("0.33.0-alpha"), None], &[]),
            (single, [None, None, Some("19.3.8")], &["engine-api"]),
            (single, [None, None, Some("28.2.2")], &[]),
        ];
        for (families, [kubernetes, kind, engine], expected) in cases {
            let version = |text: Option<&str>| text.map(|text| Version::parse(text).unwrap());
            let known = Versions {
                kubernetes: version(kubernetes),
                kind: version(kind),
                engine: version(engine),
            };
            let rules: Vec<&str> = super::versions(families, &known)
                .iter()
                .map(|finding| finding.rule)
                .collect();
            assert_eq!(rules, expected, "{known:?}");
        }
    }
}
