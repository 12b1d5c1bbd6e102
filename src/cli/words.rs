//! Words on the command line that choose between a few things.

use clap::ValueEnum;

use crate::{api::gates::ApiProfile, commands::BackendChoice, config::CniChoice};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Backend {
    /// kind where Docker, the kind program and a node image are usable, else embedded
    Auto,
    /// The control plane inside garden6
    Embedded,
    /// A kind cluster on Docker Engine
    Kind,
}

impl From<Backend> for BackendChoice {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Auto => Self::Auto,
            Backend::Embedded => Self::Embedded,
            Backend::Kind => Self::Kind,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Cni {
    /// Upstream's manifest, patched for the families
    Calico,
    /// Plain routing, without any image
    Ptp,
}

impl From<Cni> for CniChoice {
    fn from(cni: Cni) -> Self {
        match cni {
            Cni::Calico => Self::Calico,
            Cni::Ptp => Self::Ptp,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Profile {
    /// What GEP-21 says
    Gep21,
    /// What today's Gardener does
    Upstream,
}

impl From<Profile> for ApiProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Gep21 => Self::Gep21,
            Profile::Upstream => Self::Upstream,
        }
    }
}

/// Reads a check that is switched off, with the reason.
pub(super) fn skipped_check(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, reason)) if !id.is_empty() && !reason.trim().is_empty() => {
            Ok((id.to_owned(), reason.trim().to_owned()))
        }
        _ => Err("expected ID=REASON; a check is not switched off without a reason".to_owned()),
    }
}
