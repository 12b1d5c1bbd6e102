//! What the cases run against.

use std::{collections::BTreeSet, path::PathBuf};

use super::{event::EnvironmentFacts, need::Need};
use crate::{
    api::gates::{ApiProfile, FeatureGates},
    ipam::AddressPlan,
    net::Families,
};

/// An environment as cases see it: a client and what to expect, but not what made it.
#[derive(Clone)]
pub struct Target {
    /// The name of the environment, for reports only.
    pub name: String,
    /// A client with full rights.
    pub client: kube::Client,
    /// The kubeconfig file of that client, for programs on this host.
    pub kubeconfig: Option<PathBuf>,
    /// The `kubectl` binary of this host.
    pub kubectl: Option<PathBuf>,
    /// The addresses that the environment was made with. Assertions compute from them.
    pub plan: AddressPlan,
    /// The rules for Gardener objects.
    pub profile: ApiProfile,
    /// The feature gates of those rules.
    pub gates: FeatureGates,
    /// What the environment can do.
    pub abilities: BTreeSet<Need>,
}

impl Target {
    /// The IP families of the environment.
    pub fn families(&self) -> Families {
        self.plan.families
    }

    /// Whether the environment has what a case needs.
    pub fn has(&self, need: Need) -> bool {
        match need {
            Need::Kubectl => self.kubectl.is_some() && self.kubeconfig.is_some(),
            need => self.abilities.iter().any(|ability| ability.covers(need)),
        }
    }

    /// What reports say about the environment. Asks the API server for its version.
    pub(super) async fn facts(&self) -> Result<EnvironmentFacts, kube::Error> {
        let version = self.client.apiserver_version().await?;
        let mut abilities: Vec<String> = self.abilities.iter().map(ToString::to_string).collect();
        if self.has(Need::Kubectl) {
            abilities.push(Need::Kubectl.to_string());
        }
        Ok(EnvironmentFacts {
            name: self.name.clone(),
            families: self.families().to_string(),
            kubernetes: version.git_version,
            profile: self.profile.to_string(),
            abilities,
        })
    }
}
