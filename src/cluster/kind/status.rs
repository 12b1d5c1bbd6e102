//! A look at every part, changing nothing.

use bollard::models::ContainerSummaryStateEnum;
use kube::Client;

use super::{
    Engine, cluster::KindCluster, engine::container_name, network, registry::RegistryContainer,
};
use crate::{
    cluster::{
        ClusterError, ClusterState, ClusterStatus, Journal, NodeStatus, PartStatus, connect,
        kubeconfig, nodes, wait,
    },
    config::{BackendKind, Environment, EnvironmentDir},
};

/// Looks at network, registry, containers, API server and nodes.
pub(super) async fn look(
    environment: &Environment,
    cluster: &KindCluster<'_>,
    journal: &Journal,
    docker_host: Option<&str>,
) -> Result<ClusterStatus, ClusterError> {
    let engine = Engine::connect(docker_host).await?;
    let mut parts = vec![
        network_part(environment, &engine).await?,
        registry_part(environment, &engine).await?,
    ];
    let containers = engine.cluster_containers(cluster.name()).await?;
    for container in &containers {
        parts.push(PartStatus {
            name: format!("container {}", container_name(container)),
            ready: container.state == Some(ContainerSummaryStateEnum::RUNNING),
            detail: container.status.clone().unwrap_or_default(),
        });
    }
    let ours = journal.owns(&cluster.effect());
    let nodes = if ours && !containers.is_empty() {
        let (api, nodes) = ask_api(cluster.dir).await;
        parts.push(api);
        nodes
    } else {
        Vec::new()
    };
    let complete = parts.iter().all(|part| part.ready)
        && nodes.len() == cluster.size()
        && nodes.iter().all(|node| node.ready);
    let state = if complete {
        ClusterState::Running
    } else if journal.remaining().is_empty() {
        ClusterState::Absent
    } else {
        ClusterState::Partial
    };
    Ok(ClusterStatus {
        backend: BackendKind::Kind,
        state,
        parts,
        nodes,
    })
}

async fn network_part(
    environment: &Environment,
    engine: &Engine,
) -> Result<PartStatus, ClusterError> {
    let name = &environment.docker_network;
    let (ready, detail) = match engine.network(name).await? {
        None => (false, "absent".to_owned()),
        Some(found) => {
            let whose = match network::owner(&found) {
                Some(owner) => format!("of environment {owner}"),
                None => "made by somebody else".to_owned(),
            };
            (found.enable_ipv6 == Some(true), whose)
        }
    };
    Ok(PartStatus {
        name: format!("docker network {name}"),
        ready,
        detail,
    })
}

async fn registry_part(
    environment: &Environment,
    engine: &Engine,
) -> Result<PartStatus, ClusterError> {
    let registry = RegistryContainer::new(environment);
    let name = registry.name();
    let running = engine
        .container(&name)
        .await?
        .map(|found| found.state.and_then(|state| state.running) == Some(true));
    Ok(PartStatus {
        name: format!("container {name}"),
        ready: running == Some(true),
        detail: match running {
            Some(true) => format!("{} on the host", registry.published()),
            Some(false) => "stopped".to_owned(),
            None => "absent".to_owned(),
        },
    })
}

async fn ask_api(dir: &EnvironmentDir) -> (PartStatus, Vec<NodeStatus>) {
    let part = |ready: bool, detail: String| PartStatus {
        name: "API server".to_owned(),
        ready,
        detail,
    };
    match ask(dir).await {
        Ok((address, nodes)) => (part(true, address), nodes),
        Err(error) => (part(false, wait::chain(&error)), Vec::new()),
    }
}

async fn ask(dir: &EnvironmentDir) -> Result<(String, Vec<NodeStatus>), ClusterError> {
    let config = connect::config(&kubeconfig::read(&dir.kubeconfig())?).await?;
    let address = config.cluster_url.to_string();
    let client =
        Client::try_from(config).map_err(|error| connect::ConnectError::Client(Box::new(error)))?;
    Ok((address, nodes::list(&client).await?))
}
