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
            if matches!(entry.effect, Effect::DockerNetwork { .. }) {
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
            Effect::DockerNetwork { name } => {
                let Some(found) = engine.network(name).await? else {
                    return Ok(Undo::Removed);
                };
                if !self.is_ours(found.labels.as_ref()) {
                    return Ok(Undo::Removed);
                }
                let attached = network::attached(&found);
                if !attached.is_empty() {
                    progress.warn(format!(
                        "docker network `{name}` stays, because these containers use it: {}",
                        attached.join(", ")
                    ));
                    return Ok(Undo::Kept);
                }
                engine.remove_network(name).await?;
            }
            Effect::FilterRule { .. } => masquerade::remove(effect).await?,
            Effect::Process { .. } | Effect::File { .. } => return Ok(Undo::NotOurs),
        }
        Ok(Undo::Removed)
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
