//! What to do about a finding.

use serde::Serialize;

use crate::doctor::{Platform, Provider};

/// Where a remedy is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// Everywhere, unless a more particular one is there.
    Any,
    /// On one platform.
    Platform(Platform),
    /// With one provider of the engine.
    Provider(Provider),
}

/// A way to repair something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Where it is the right one.
    pub on: On,
    /// What to do, as a sentence.
    pub text: &'static str,
    /// Commands that do it; words in capitals are to be replaced.
    pub commands: &'static [&'static str],
}

impl Remedy {
    /// A remedy for everywhere.
    pub(in crate::doctor) const fn any(
        text: &'static str,
        commands: &'static [&'static str],
    ) -> Self {
        Self {
            on: On::Any,
            text,
            commands,
        }
    }

    /// A remedy for one platform.
    pub(in crate::doctor) const fn platform(
        platform: Platform,
        text: &'static str,
        commands: &'static [&'static str],
    ) -> Self {
        Self {
            on: On::Platform(platform),
            text,
            commands,
        }
    }

    /// A remedy for one provider.
    pub(in crate::doctor) const fn provider(
        provider: Provider,
        text: &'static str,
        commands: &'static [&'static str],
    ) -> Self {
        Self {
            on: On::Provider(provider),
            text,
            commands,
        }
    }

    /// How well it fits; none where it does not.
    pub(super) fn fits(&self, platform: Platform, provider: Provider) -> Option<u8> {
        match self.on {
            On::Provider(own) => (own == provider).then_some(2),
            On::Platform(own) => (own == platform).then_some(1),
            On::Any => Some(0),
        }
    }
}
