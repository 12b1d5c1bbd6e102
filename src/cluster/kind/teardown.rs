//! Removal in the reverse order of creation, of what the journal announces and what carries our label.

use std::collections::HashMap;

use super::{
    Engine, OWNER_LABEL, cluster::KindCluster, engine::Selection, masquerade, network,
    program::KindProgram,
};
use crate::{
    cluster::{ClusterError, Effect, Journal},
    progress::Progress,
};

/// Everything removal needs.
#[derive(Debug)]
pub(super) struct Teardown<'a> {
    pub(super) engine: &'a Engine,
    pub(super) program: Option<&'a KindProgram>,
    pub(super) cluster: KindCluster<'a>,
}

/// What became of one effect.
enum Undo {
    Removed,
    Kept,
    NotOurs,
}

impl Teardown<'_> {
    /// Walks the journal backwards.
    pub(super) async fn run(
        &self,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<(), ClusterError> {
        for entry in journal.remaining() {
            if matches!(
                entry.effect,
                Effect::DockerNetwork { .. } | Effect::FilterRule { .. }
            ) {
                self.remove_leftovers().await?;
            }
            let step = progress.step(title(&entry.effect));
            match self.undo(&entry.effect, progress).await? {
                Undo::Removed => {
                    journal.undone(&entry.effect)?;
                    step.done("removed");
                }
                Undo::Kept => step.done("kept"),
                Undo::NotOurs => step.done("left to others"),
            }
        }
        self.remove_leftovers().await
    }

    /// Containers that only lent us a file of their image, or that a killed run asked for too late.
    async fn remove_leftovers(&self) -> Result<(), ClusterError> {
        let owner = self.cluster.environment.name.as_str();
        Ok(self
            .engine
            .remove_containers(&Selection::label(OWNER_LABEL, owner))
            .await?)
    }

    async fn undo(&self, effect: &Effect, progress: &Progress) -> Result<Undo, ClusterError> {
        let engine = self.engine;
        match effect {
            Effect::KindCluster { .. } => self.cluster.remove(engine, self.program).await?,
            Effect::Container { name } => {
                let listed = engine.containers(&Selection::name(name)).await?;
                if listed
                    .iter()
                    .all(|found| self.is_ours(found.labels.as_ref()))
                {
                    engine.remove_containers(&Selection::name(name)).await?;
                }
            }
            Effect::DockerVolume { name } => {
                if self.is_ours(engine.volume_labels(name).await?.as_ref()) {
                    engine.remove_volume(name).await?;
                }
            }
            Effect::DockerNetwork { name } => match self.users_of_our(name).await? {
                None => {}
                Some(users) if users.is_empty() => engine.remove_network(name).await?,
                Some(users) => {
                    progress.warn(format!(
                        "docker network `{name}` stays, because these containers use it: {}",
                        users.join(", ")
                    ));
                    return Ok(Undo::Kept);
                }
            },
            Effect::FilterRule { .. } => {
                // Whoever uses our network gets out by our rule.
                let network = &self.cluster.environment.docker_network;
                let users = self.users_of_our(network).await?;
                if users.is_some_and(|users| !users.is_empty()) {
                    return Ok(Undo::Kept);
                }
                masquerade::remove(effect).await?;
            }
            Effect::Process { .. } | Effect::File { .. } => return Ok(Undo::NotOurs),
        }
        Ok(Undo::Removed)
    }

    /// The containers on a network that we made; `None` where there is no such network.
    async fn users_of_our(&self, name: &str) -> Result<Option<Vec<String>>, ClusterError> {
        let found = self.engine.network(name).await?;
        let ours = found.filter(|found| self.is_ours(found.labels.as_ref()));
        Ok(ours.as_ref().map(network::attached))
    }

    fn is_ours(&self, labels: Option<&HashMap<String, String>>) -> bool {
        let owner = labels.and_then(|labels| labels.get(OWNER_LABEL));
        owner.map(String::as_str) == Some(self.cluster.environment.name.as_str())
    }
}

fn title(effect: &Effect) -> String {
    match effect {
        Effect::KindCluster { name } => format!("kind cluster {name}"),
        Effect::Container { name } => format!("container {name}"),
        Effect::DockerVolume { name } => format!("docker volume {name}"),
        Effect::DockerNetwork { name } => format!("docker network {name}"),
        Effect::FilterRule { program, chain, .. } => format!("{program} rule in {chain}"),
        Effect::Process { lock } => format!("process that holds {}", lock.display()),
        Effect::File { path } => path.display().to_string(),
    }
}
