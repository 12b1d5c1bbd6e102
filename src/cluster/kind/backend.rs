//! The steps of a kind environment in order, and their reversal.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use async_trait::async_trait;
use kube::Client;

use super::{
    Engine, KindError,
    calico::CalicoManifest,
    cluster::KindCluster,
    dns,
    image::publish_own_image,
    masquerade, network,
    network::{NetworkOutcome, NetworkPlan},
    nodes::NodeNetwork,
    preflight::{self, Host},
    program::KindProgram,
    ptp,
    registry::RegistryContainer,
    teardown::Teardown,
};
use crate::{
    cluster::{Backend, Capability, Cluster, ClusterError, ClusterStatus, Journal, nodes, wait},
    config::{BackendKind, Cni, Environment, EnvironmentDir, EnvironmentName, StateDir},
    counted::counted,
    net::IpFamily,
    progress::{Progress, Step},
};

/// Time for the node controller to hand out pod ranges.
const RANGES: Duration = Duration::from_secs(60);
/// Time for nodes to become ready after their pod network is there.
const READY: Duration = Duration::from_secs(120);

/// The kind backend of one environment.
#[derive(Debug, Clone)]
pub struct KindBackend {
    dir: EnvironmentDir,
    cache: PathBuf,
    docker_host: Option<String>,
}

impl KindBackend {
    /// A backend that keeps its files in a state folder and talks to the engine at `docker_host`.
    pub fn new(state: &StateDir, name: &EnvironmentName, docker_host: Option<String>) -> Self {
        Self {
            dir: state.environment(name),
            cache: state.cache(),
            docker_host,
        }
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

    /// Makes the cluster, and gives a new control plane its plain-routed pod network on the way.
    async fn cluster_with_seed(
        &self,
        environment: &Environment,
        host: &Host,
        mtu: u32,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<Client, ClusterError> {
        let cluster = self.cluster(environment);
        let containers = host.engine.cluster_containers(cluster.name()).await?;
        let ensure = Box::pin(cluster.ensure(host, journal, progress));
        if !containers.is_empty() || environment.cni != Cni::Ptp {
            return ensure.await;
        }
        let first = cluster.control_plane();
        let seed = Box::pin(ptp::seed(&host.engine, &first, &environment.plan, mtu));
        beside(ensure, seed).await
    }

    async fn pod_network(
        &self,
        environment: &Environment,
        host: &Host,
        client: &Client,
        mtu: u32,
        progress: &Progress,
    ) -> Result<Vec<String>, ClusterError> {
        let count = usize::from(environment.workers) + 1;
        let step = progress.step(format!("{} pod network", environment.cni));
        // Before the pod network, so that CoreDNS begins with what it is to have.
        dns::configure(client, environment, &step).await?;
        let networks = node_networks(environment, client, count, &step).await?;
        match &environment.cni {
            Cni::Ptp => ptp::install(&host.engine, &environment.plan, &networks, mtu).await?,
            Cni::Calico { manifest } => {
                let manifest = CalicoManifest {
                    given: manifest.as_deref(),
                    cache: &self.cache,
                };
                manifest
                    .install(client, environment, progress, &step)
                    .await?;
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
}

/// What the pod network has to know of the nodes.
///
/// A plain-routed cluster of one node was given the range it is going to get, and need not wait for it.
async fn node_networks(
    environment: &Environment,
    client: &Client,
    count: usize,
    step: &Step,
) -> Result<Vec<NodeNetwork>, ClusterError> {
    let families = environment.plan.families;
    if count == 1 && environment.cni == Cni::Ptp {
        let nodes = wait::nodes_registered(client, count, RANGES, step).await?;
        let first = ptp::first_node(&environment.plan);
        return Ok(nodes
            .iter()
            .map(|node| NodeNetwork::expected(node, families, &first))
            .collect());
    }
    let nodes = wait::nodes_with_ranges(client, count, RANGES, step).await?;
    let networks = nodes.iter().map(|node| NodeNetwork::of(node, families));
    Ok(networks.collect::<Result<Vec<_>, _>>()?)
}

/// Runs `helper` until `work` is done.
async fn beside<T>(
    mut work: impl Future<Output = T> + Unpin,
    helper: impl Future<Output = ()> + Unpin,
) -> T {
    tokio::select! {
        output = &mut work => return output,
        () = helper => {}
    }
    work.await
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
        self.cluster(environment)
            .refuse_foreign(&host, journal)
            .await?;
        let mtu = self.network(environment, &host, journal, progress).await?;
        if environment.plan.families.contains(IpFamily::V6) {
            masquerade::ensure(environment.plan.v6.docker, journal, progress).await?;
        }
        let cluster = self.cluster(environment);
        let ensure = self.cluster_with_seed(environment, &host, mtu, journal, progress);
        // kind waits for the nodes to boot and the pod network for the nodes to be Ready; the
        // registry and the image need neither, and the image has two cores for itself by then.
        let (client, ()) = tokio::try_join!(
            ensure,
            Self::registry(environment, &host, journal, progress),
        )?;
        let (nodes, image) = tokio::try_join!(
            self.pod_network(environment, &host, &client, mtu, progress),
            publish_own_image(environment, progress),
        )?;
        let step = progress.step("registry on the nodes");
        RegistryContainer::new(environment)
            .announce(&host.engine, &nodes)
            .await?;
        step.done(counted(nodes.len(), "node", "nodes"));
        let made = cluster.value(client, capabilities(environment, nodes.len()))?;
        Ok(Cluster {
            own_image: Some(image.to_string()),
            ..made
        })
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
        let program = self.program(environment).ok();
        let teardown = Teardown {
            engine: &engine,
            program: program.as_ref(),
            cluster: self.cluster(environment),
        };
        teardown.run(journal, progress).await
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
