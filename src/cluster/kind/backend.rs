//! The steps of a kind environment in order, and their reversal.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use kube::Client;

use super::{
    Engine, KindError, calico,
    cluster::KindCluster,
    masquerade, network,
    network::{NetworkOutcome, NetworkPlan},
    nodes::NodeNetwork,
    preflight::{self, Host},
    program::KindProgram,
    ptp,
    registry::RegistryContainer,
};
use crate::{
    cluster::{
        Backend, Capability, Cluster, ClusterError, ClusterStatus, Effect, Journal, nodes, wait,
    },
    config::{BackendKind, Cni, Environment, EnvironmentDir},
    net::IpFamily,
    progress::Progress,
};

/// Time for the node controller to hand out pod ranges.
const RANGES: Duration = Duration::from_secs(60);
/// Time for nodes to become ready after their pod network is there.
const READY: Duration = Duration::from_secs(120);

/// The kind backend of one environment.
#[derive(Debug, Clone)]
pub struct KindBackend {
    dir: EnvironmentDir,
    docker_host: Option<String>,
}

impl KindBackend {
    /// A backend that keeps its files in `dir` and talks to the engine at `docker_host`.
    pub fn new(dir: EnvironmentDir, docker_host: Option<String>) -> Self {
        Self { dir, docker_host }
    }

    /// Where the engine listens, if not in the usual place.
    pub(super) fn docker_host(&self) -> Option<&str> {
        self.docker_host.as_deref()
    }

    fn cluster<'a>(&'a self, environment: &'a Environment) -> KindCluster<'a> {
        KindCluster {
            environment,
            dir: &self.dir,
        }
    }

    fn program(&self, environment: &Environment) -> Result<KindProgram, KindError> {
        KindProgram::find(
            environment.kind_binary.as_deref(),
            &environment.docker_network,
            self.docker_host.as_deref(),
        )
    }

    async fn network(
        &self,
        environment: &Environment,
        host: &Host,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<u32, ClusterError> {
        let plan = NetworkPlan {
            name: environment.docker_network.clone(),
            owner: environment.name.to_string(),
            ipv6: environment.plan.v6.docker,
            ipv4: environment.plan.v4.docker,
        };
        let step = progress.step(format!("docker network {}", plan.name));
        let outcome = match plan.ensure(&host.engine, journal).await? {
            NetworkOutcome::Created => format!("created with {} and {}", plan.ipv6, plan.ipv4),
            NetworkOutcome::Kept => "already there".to_owned(),
            NetworkOutcome::Borrowed => "already there, not ours, kept on down".to_owned(),
        };
        step.done(outcome);
        let found = host.engine.network(&plan.name).await?;
        Ok(found
            .as_ref()
            .and_then(network::mtu)
            .unwrap_or(network::DEFAULT_MTU))
    }

    async fn pod_network(
        environment: &Environment,
        host: &Host,
        client: &Client,
        mtu: u32,
        progress: &Progress,
    ) -> Result<Vec<String>, ClusterError> {
        let count = usize::from(environment.workers) + 1;
        let step = progress.step(format!("{} pod network", environment.cni));
        let found = wait::nodes_with_ranges(client, count, RANGES, &step).await?;
        let networks = found
            .iter()
            .map(|node| NodeNetwork::of(node, environment.plan.families))
            .collect::<Result<Vec<_>, _>>()?;
        match &environment.cni {
            Cni::Ptp => ptp::install(&host.engine, &environment.plan, &networks, mtu).await?,
            Cni::Calico { manifest } => {
                calico::install(client, environment, manifest.as_deref(), &step).await?;
            }
        }
        wait::nodes_ready(client, count, READY, &step).await?;
        step.done(format!("{count} ready"));
        Ok(networks.into_iter().map(|node| node.name).collect())
    }

    async fn registry(
        environment: &Environment,
        host: &Host,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<(), ClusterError> {
        let registry = RegistryContainer::new(environment);
        let step = progress.step(format!("registry {}", environment.registry.address));
        let outcome = registry.ensure(&host.engine, journal, &step).await?;
        step.done(format!("{outcome}, on the host {}", registry.published()));
        Ok(())
    }

    async fn undo(
        &self,
        environment: &Environment,
        engine: &Engine,
        effect: &Effect,
        progress: &Progress,
    ) -> Result<Undo, ClusterError> {
        match effect {
            Effect::KindCluster { .. } => {
                let program = self.program(environment).ok();
                self.cluster(environment)
                    .remove(engine, program.as_ref())
                    .await?;
            }
            Effect::Container { name } => {
                let found = engine.container(name).await?;
                let labels = found
                    .and_then(|found| found.config)
                    .and_then(|config| config.labels);
                if labels.is_some_and(|labels| is_ours(environment, &labels)) {
                    engine.remove_container(name).await?;
                }
            }
            Effect::DockerVolume { name } => {
                let labels = engine.volume_labels(name).await?;
                if labels.is_some_and(|labels| is_ours(environment, &labels)) {
                    engine.remove_volume(name).await?;
                }
            }
            Effect::DockerNetwork { name } => {
                let Some(found) = engine.network(name).await? else {
                    return Ok(Undo::Removed);
                };
                let attached = network::attached(&found);
                if network::owner(&found) != Some(environment.name.as_str()) {
                    return Ok(Undo::Removed);
                }
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
}

enum Undo {
    Removed,
    Kept,
    NotOurs,
}

fn is_ours(environment: &Environment, labels: &std::collections::HashMap<String, String>) -> bool {
    labels.get(super::OWNER_LABEL).map(String::as_str) == Some(environment.name.as_str())
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

fn capabilities(environment: &Environment, nodes: usize) -> BTreeSet<Capability> {
    let families = environment.plan.families;
    let mut capabilities = BTreeSet::from([
        Capability::RealPods,
        Capability::RealPackets,
        Capability::Nodes(u16::try_from(nodes).unwrap_or(u16::MAX)),
    ]);
    if families.contains(IpFamily::V6) {
        capabilities.insert(Capability::RegistryOverIpv6);
    }
    if families.primary() == IpFamily::V4 {
        capabilities.insert(Capability::RegistryOverIpv4);
    }
    if matches!(environment.cni, Cni::Calico { .. }) {
        capabilities.insert(Capability::EnforcedPolicies);
    }
    capabilities
}

#[async_trait]
impl Backend for KindBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Kind
    }

    async fn create(
        &self,
        environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<Cluster, ClusterError> {
        let host = preflight::check(environment, self.docker_host.as_deref(), progress).await?;
        let mtu = self.network(environment, &host, journal, progress).await?;
        if environment.plan.families.contains(IpFamily::V6) {
            masquerade::ensure(environment.plan.v6.docker, journal, progress).await?;
        }
        Self::registry(environment, &host, journal, progress).await?;
        let cluster = self.cluster(environment);
        let client = cluster.ensure(&host, journal, progress).await?;
        let nodes = Self::pod_network(environment, &host, &client, mtu, progress).await?;
        let step = progress.step("registry on the nodes");
        RegistryContainer::new(environment)
            .announce(&host.engine, &nodes)
            .await?;
        step.done(format!("{} nodes", nodes.len()));
        cluster.value(client, capabilities(environment, nodes.len()))
    }

    async fn attach(
        &self,
        environment: &Environment,
        journal: &Journal,
    ) -> Result<Cluster, ClusterError> {
        let cluster = self.cluster(environment);
        if !journal.owns(&cluster.effect()) {
            return Err(KindError::NoCluster {
                name: cluster.name().to_owned(),
            }
            .into());
        }
        let client = cluster.connect(&self.program(environment)?).await?;
        let nodes = nodes::list(&client).await?;
        cluster.value(client, capabilities(environment, nodes.len()))
    }

    async fn delete(
        &self,
        environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<(), ClusterError> {
        let engine = Engine::connect(self.docker_host.as_deref()).await?;
        for entry in journal.remaining() {
            let effect = entry.effect;
            let step = progress.step(title(&effect));
            match self.undo(environment, &engine, &effect, progress).await? {
                Undo::Removed => {
                    journal.undone(&effect)?;
                    step.done("removed");
                }
                Undo::Kept => step.done("kept"),
                Undo::NotOurs => step.done("left to others"),
            }
        }
        Ok(())
    }

    async fn status(
        &self,
        environment: &Environment,
        journal: &Journal,
    ) -> Result<ClusterStatus, ClusterError> {
        super::status::look(
            environment,
            &self.cluster(environment),
            journal,
            self.docker_host.as_deref(),
        )
        .await
    }
}
