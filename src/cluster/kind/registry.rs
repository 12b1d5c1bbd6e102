//! The registry container: on the network of the nodes under its name, on the host's loopback under a port.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointIpamConfig, EndpointSettings,
    HostConfig, Mount, MountType, NetworkingConfig, PortBinding, RestartPolicy,
    RestartPolicyNameEnum,
};
use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::{Engine, KindError, OWNER_LABEL, engine::ContainerFile};
use crate::{
    cluster::{
        ClusterError, Effect, Journal, Phase,
        wait::{self, Look, Wait},
    },
    config::Environment,
    generate::{Containerd, HostsToml, LocalRegistry, Templates},
    mirror::{Endpoint, RegistryClient},
    progress::Step,
};

/// Where every registry image keeps its data.
const DATA: &str = "/var/lib/registry";
/// Time for the registry to answer after its start.
const ANSWER: Duration = Duration::from_secs(20);
/// How often, and how long apart, a taken name is tried again.
const NAME_ATTEMPTS: u32 = 20;
const NAME_PAUSE: Duration = Duration::from_millis(500);

/// The registry of an environment.
#[derive(Debug)]
pub(super) struct RegistryContainer<'a> {
    environment: &'a Environment,
}

impl<'a> RegistryContainer<'a> {
    pub(super) fn new(environment: &'a Environment) -> Self {
        Self { environment }
    }

    fn plan(&self) -> LocalRegistry<'a> {
        LocalRegistry(self.environment)
    }

    /// Name of the container, and of the volume.
    pub(super) fn name(&self) -> String {
        self.plan().container()
    }

    /// Where the host reaches it.
    pub(super) fn published(&self) -> SocketAddr {
        self.plan().published()
    }

    fn container(&self) -> Effect {
        Effect::Container { name: self.name() }
    }

    fn volume(&self) -> Effect {
        Effect::DockerVolume { name: self.name() }
    }

    fn labels(&self) -> HashMap<String, String> {
        HashMap::from([(OWNER_LABEL.to_owned(), self.environment.name.to_string())])
    }

    /// Makes the container and its volume, or keeps those of an earlier run.
    ///
    /// A container that a killed run had asked for may take the name just now: then it is looked at again.
    pub(super) async fn ensure(
        &self,
        engine: &Engine,
        journal: &Journal,
        step: &Step,
    ) -> Result<&'static str, ClusterError> {
        for _ in 0..NAME_ATTEMPTS {
            match self.ensure_once(engine, journal, step).await {
                Err(ClusterError::Kind(error)) if error.is_name_conflict() => {
                    step.detail("waiting for the container of an interrupted run");
                    sleep(NAME_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
        self.ensure_once(engine, journal, step).await
    }

    async fn ensure_once(
        &self,
        engine: &Engine,
        journal: &Journal,
        step: &Step,
    ) -> Result<&'static str, ClusterError> {
        let name = self.name();
        if let Some(found) = engine.container(&name).await? {
            self.refuse_foreign("container", labels(&found))?;
            if self.fits(&found) {
                if !journal.owns(&self.container()) {
                    journal.intend(&self.container())?;
                }
                let running = found.state.and_then(|state| state.running) == Some(true);
                engine.start_container(&name).await?;
                if journal.phase(&self.container()) != Some(Phase::Done) {
                    journal.done(&self.container())?;
                }
                self.answers(step).await?;
                return Ok(if running { "already there" } else { "started" });
            }
            step.detail(format!(
                "container {name} has other settings, it is made anew"
            ));
            engine.remove_container(&name).await?;
        }
        let image = &self.environment.registry.image;
        engine.require_image(image, "registry", step).await?;
        self.ensure_volume(engine, journal).await?;
        journal.intend(&self.container())?;
        engine.run_container(&name, self.body()).await?;
        journal.done(&self.container())?;
        self.answers(step).await?;
        Ok("created")
    }

    /// Waits until the registry answers where the host reaches it.
    async fn answers(&self, step: &Step) -> Result<(), ClusterError> {
        let client = RegistryClient::new(&Endpoint::plain_http(&self.published().into()))
            .map_err(KindError::from)?;
        let client = &client;
        let look = || async {
            match client.ping().await {
                Ok(()) => Look::Reached(()),
                Err(error) => Look::NotYet(wait::chain(&error)),
            }
        };
        Ok(Wait::new("the registry", ANSWER).until(step, look).await?)
    }

    async fn ensure_volume(&self, engine: &Engine, journal: &Journal) -> Result<(), ClusterError> {
        let name = self.name();
        if let Some(labels) = engine.volume_labels(&name).await? {
            self.refuse_foreign("volume", Some(&labels))?;
            if journal.owns(&self.volume()) {
                return Ok(());
            }
        }
        journal.intend(&self.volume())?;
        engine.create_volume(&name, self.labels()).await?;
        Ok(journal.done(&self.volume())?)
    }

    fn refuse_foreign(
        &self,
        object: &'static str,
        labels: Option<&HashMap<String, String>>,
    ) -> Result<(), KindError> {
        let owner = labels.and_then(|labels| labels.get(OWNER_LABEL));
        if owner.map(String::as_str) == Some(self.environment.name.as_str()) {
            Ok(())
        } else {
            Err(KindError::ForeignObject {
                object,
                name: self.name(),
            })
        }
    }

    /// Whether a container has the image, the network and the port of the environment.
    fn fits(&self, found: &ContainerInspectResponse) -> bool {
        let image = found
            .config
            .as_ref()
            .and_then(|config| config.image.as_deref());
        let host = found.host_config.as_ref();
        let network = host.and_then(|host| host.network_mode.as_deref());
        let env = found.config.as_ref().and_then(|config| config.env.as_ref());
        env.is_some_and(|env| env.contains(&self.listen_variable()))
            && image == Some(self.environment.registry.image.as_str())
            && network == Some(self.environment.docker_network.as_str())
            && host.and_then(|host| host.port_bindings.as_ref()) == Some(&self.port_bindings())
    }

    /// The registry reads its variables as YAML, where a leading bracket begins a list.
    fn listen_variable(&self) -> String {
        format!("REGISTRY_HTTP_ADDR=\"{}\"", self.plan().listen())
    }

    fn port_key(&self) -> String {
        format!("{}/tcp", self.environment.registry.address.port)
    }

    fn port_bindings(&self) -> bollard::models::PortMap {
        let published = self.published();
        let binding = PortBinding {
            host_ip: Some(published.ip().to_string()),
            host_port: Some(published.port().to_string()),
        };
        HashMap::from([(self.port_key(), Some(vec![binding]))])
    }

    fn body(&self) -> ContainerCreateBody {
        let environment = self.environment;
        let endpoint = EndpointSettings {
            aliases: Some(vec![environment.registry.address.host.to_string()]),
            ipam_config: Some(EndpointIpamConfig {
                ipv6_address: self.plan().ipv6().map(|address| address.to_string()),
                ipv4_address: self.plan().ipv4().map(|address| address.to_string()),
                ..EndpointIpamConfig::default()
            }),
            ..EndpointSettings::default()
        };
        ContainerCreateBody {
            hostname: Some(self.name()),
            image: Some(environment.registry.image.clone()),
            env: Some(vec![
                self.listen_variable(),
                "REGISTRY_STORAGE_DELETE_ENABLED=true".to_owned(),
            ]),
            exposed_ports: Some(vec![self.port_key()]),
            labels: Some(self.labels()),
            host_config: Some(HostConfig {
                network_mode: Some(environment.docker_network.clone()),
                port_bindings: Some(self.port_bindings()),
                mounts: Some(vec![Mount {
                    target: Some(DATA.to_owned()),
                    source: Some(self.name()),
                    typ: Some(MountType::VOLUME),
                    ..Mount::default()
                }]),
                restart_policy: Some(RestartPolicy {
                    name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                    ..RestartPolicy::default()
                }),
                ..HostConfig::default()
            }),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(
                    environment.docker_network.clone(),
                    endpoint,
                )])),
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// Tells containerd on every node how to reach the registry. It reads the file at every pull.
    pub(super) async fn announce(
        &self,
        engine: &Engine,
        nodes: &[String],
    ) -> Result<(), KindError> {
        let hosts = HostsToml::plain_http(self.environment.registry.address.clone());
        let file = [ContainerFile {
            path: hosts.path(),
            content: hosts.render(Containerd::V1, Templates::embedded())?,
        }];
        try_join_all(nodes.iter().map(|node| engine.put_files(node, &file))).await?;
        Ok(())
    }
}

fn labels(container: &ContainerInspectResponse) -> Option<&HashMap<String, String>> {
    container.config.as_ref()?.labels.as_ref()
}
