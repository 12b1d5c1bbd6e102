//! What every rule may know without asking: worked out once per run.

use semver::Version;

use super::{Ask, Platform, Provider, provider};
use crate::doctor::{Facts, Profile, Target, facts::Ping, finding::Gap, parse::versions};

/// First Docker Desktop whose containers have IPv6.
const DESKTOP_WITH_IPV6: Version = Version::new(4, 42, 0);

/// The host and what it is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The platform.
    pub platform: Platform,
    /// The engine's provider.
    pub provider: Provider,
    /// What is going to be started.
    pub target: Target,
    /// With which families.
    pub profile: Profile,
    /// Whether the engine runs without root's rights.
    pub rootless: bool,
    /// Whether this is a container.
    pub nested: bool,
    /// Whether the outside world was asked.
    pub online: bool,
}

impl Subject {
    /// Works it out of a snapshot.
    pub fn of(facts: &Facts, target: Target, profile: Profile) -> Self {
        let platform = Platform::of(facts);
        Self {
            platform,
            provider: Provider::of(facts, platform),
            target,
            profile,
            rootless: provider::is_rootless(facts),
            nested: provider::is_nested(facts),
            online: facts.host.online.known().is_some(),
        }
    }
}

/// Why no question can be put to the engine.
pub(in crate::doctor) enum EngineTrouble {
    /// It cannot be reached.
    Unreachable,
    /// This user may not ask it.
    Denied,
    /// It runs Windows containers.
    Windows,
}

impl EngineTrouble {
    /// The trouble with the engine of a snapshot, if there is any.
    pub(in crate::doctor) fn of(facts: &Facts) -> Option<Self> {
        match facts.docker.ping.known() {
            Some(Ping::Ok) => {
                let info = facts.docker.info.known()?;
                (!info.os_type.is_empty() && info.os_type != "linux").then_some(Self::Windows)
            }
            Some(Ping::Denied) => Some(Self::Denied),
            _ => Some(Self::Unreachable),
        }
    }

    /// The check that tells about it.
    pub(in crate::doctor) const fn check(&self, platform: Platform) -> &'static str {
        match self {
            Self::Windows => "docker-os-type",
            // Nobody looks at the permissions of the socket on a Mac.
            Self::Denied if !matches!(platform, Platform::Macos) => "docker-socket-permission",
            Self::Denied | Self::Unreachable => "docker-socket-reachable",
        }
    }
}

impl Ask<'_> {
    /// The platform.
    pub(in crate::doctor) const fn platform(&self) -> Platform {
        self.subject.platform
    }

    /// The engine's provider.
    pub(in crate::doctor) const fn provider(&self) -> Provider {
        self.subject.provider
    }

    /// What is going to be started.
    pub(in crate::doctor) const fn target(&self) -> Target {
        self.subject.target
    }

    /// Whether Gardener is.
    pub(in crate::doctor) fn is_gardener(&self) -> bool {
        self.subject.target == Target::Gardener
    }

    /// The families that are wanted.
    pub(in crate::doctor) const fn profile(&self) -> Profile {
        self.subject.profile
    }

    /// Whether the engine runs without root's rights.
    pub(in crate::doctor) const fn is_rootless(&self) -> bool {
        self.subject.rootless
    }

    /// Whether this is a container.
    pub(in crate::doctor) const fn is_nested(&self) -> bool {
        self.subject.nested
    }

    /// Whether the engine can be asked.
    pub(in crate::doctor) fn engine_answers(&self) -> bool {
        EngineTrouble::of(self.facts).is_none()
    }

    /// Docker Desktop's version.
    pub(in crate::doctor) fn desktop_version(&self) -> Option<Version> {
        let setting = self
            .desktop()
            .and_then(|settings| settings.version.as_deref());
        let text = match setting {
            Some(text) => text,
            None => &self.engine_version().ok()?.platform,
        };
        versions::version(text)
    }

    /// Whether Docker Desktop is new enough for IPv6.
    pub(in crate::doctor) fn desktop_has_ipv6(&self) -> bool {
        self.desktop_version()
            .is_some_and(|version| version >= DESKTOP_WITH_IPV6)
    }

    /// Whether the kernel that runs the engine has IPv6 at all.
    pub(in crate::doctor) fn kernel_has_ipv6(&self) -> Result<bool, Gap> {
        let switched_off = super::if_known(self.file(super::Scope::Engine, "/proc/cmdline"))
            .is_some_and(|line| line.split_whitespace().any(|word| word == "ipv6.disable=1"));
        Ok(self.sysctl("net.ipv6.conf.all.disable_ipv6")?.is_some() && !switched_off)
    }

    /// Ends a rule that means nothing without IPv6 in the kernel.
    pub(in crate::doctor) fn need_kernel_ipv6(&self) -> Result<(), Gap> {
        if self.kernel_has_ipv6()? {
            Ok(())
        } else {
            Err(Gap::Skip(
                "the kernel has no IPv6, see ipv6-kernel-enabled".to_owned(),
            ))
        }
    }
}
