//! Whose engine it is: IPv6 and nearly every remedy depend on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::doctor::{
    Fact, Facts,
    facts::{EngineInfo, EngineVersion},
};

/// What provides the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Docker Engine on the machine itself.
    Native,
    /// Docker Desktop.
    Desktop,
    /// colima.
    Colima,
    /// lima without colima.
    Lima,
    /// `OrbStack`.
    Orbstack,
    /// Rancher Desktop.
    Rancher,
    /// Podman behind Docker's API.
    Podman,
    /// Nothing that is known here.
    Unknown,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Native,
        Self::Desktop,
        Self::Colima,
        Self::Lima,
        Self::Orbstack,
        Self::Rancher,
        Self::Podman,
        Self::Unknown,
    ];

    /// The provider of a snapshot.
    pub fn of(facts: &Facts, platform: Platform) -> Self {
        let info = facts.docker.info.known();
        let version = facts.docker.version.known();
        let endpoint = facts.docker.endpoint.known().map_or("", String::as_str);
        if is_podman(version) {
            Self::Podman
        } else if is_desktop(info, version) {
            Self::Desktop
        } else if endpoint.contains("/.colima/") || name_starts(info, "colima") {
            Self::Colima
        } else if is_orbstack(info, endpoint) {
            Self::Orbstack
        } else if endpoint.contains("/.rd/") || name_starts(info, "lima-rancher-desktop") {
            Self::Rancher
        } else if endpoint.contains("/.lima/") || name_starts(info, "lima-") {
            Self::Lima
        } else if platform == Platform::Macos {
            Self::Unknown
        } else {
            Self::Native
        }
    }
}

fn name_starts(info: Option<&EngineInfo>, prefix: &str) -> bool {
    info.is_some_and(|info| info.name.starts_with(prefix))
}

fn is_podman(version: Option<&EngineVersion>) -> bool {
    version.is_some_and(|version| version.components.contains_key("Podman Engine"))
}

fn is_desktop(info: Option<&EngineInfo>, version: Option<&EngineVersion>) -> bool {
    let labelled = |info: &EngineInfo| {
        let mut labels = info.labels.iter();
        labels.any(|label| label.starts_with("com.docker.desktop.address="))
    };
    info.is_some_and(|info| info.operating_system == "Docker Desktop" || labelled(info))
        || version.is_some_and(|version| version.platform.starts_with("Docker Desktop"))
}

fn is_orbstack(info: Option<&EngineInfo>, endpoint: &str) -> bool {
    endpoint.contains("/.orbstack/")
        || info.is_some_and(|info| {
            info.operating_system == "OrbStack" || info.kernel_version.contains("-orbstack-")
        })
}

/// Whether the engine runs without root's rights.
pub(super) fn is_rootless(facts: &Facts) -> bool {
    let info = facts.docker.info.known();
    info.is_some_and(|info| info.has_security_option("rootless"))
}

/// Whether the command runs in a container, and an engine beside it would, too.
pub(super) fn is_nested(facts: &Facts) -> bool {
    let exists = |path: &str| {
        let file = facts.host.files.get(path);
        file.is_some_and(|fact| matches!(fact, Fact::Known(_) | Fact::Denied))
    };
    let variables = facts.host.env.known();
    let set = |name: &str| variables.is_some_and(|variables| variables.contains_key(name));
    exists("/.dockerenv")
        || exists("/run/.containerenv")
        || set("KUBERNETES_SERVICE_HOST")
        || set("DOCKER_IN_DOCKER_ENABLED")
        || set("PROW_JOB_ID")
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "Docker Engine",
            Self::Desktop => "Docker Desktop",
            Self::Colima => "colima",
            Self::Lima => "lima",
            Self::Orbstack => "OrbStack",
            Self::Rancher => "Rancher Desktop",
            Self::Podman => "Podman",
            Self::Unknown => "unknown engine",
        })
    }
}
