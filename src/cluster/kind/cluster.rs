//! Creation, adoption and removal of the cluster itself.

use std::{path::PathBuf, time::Duration};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};

use super::{
    Engine, KindError,
    engine::{Selection, container_name},
    orphans,
    preflight::{self, Host, NodeImage},
    program::{CreateRequest, KindProgram},
};
use crate::{
    cluster::{Cluster, ClusterError, Effect, Journal, Phase, connect, kubeconfig, wait},
    config::{Environment, EnvironmentDir},
    fsutil,
    generate::{
        Templates, coredns,
        kind::{
            CgroupVersion, ClusterPlan, Mount, Networking, NodeLayout, PlanOptions, decode, render,
        },
    },
    progress::{Progress, Step},
    yaml,
};

/// Time for a cluster that is there to answer before it counts as broken.
const ADOPTION: Duration = Duration::from_secs(60);
/// The same after its containers had to be started.
const RESTART: Duration = Duration::from_secs(90);
/// Time for the API server after kind has said that it is done.
const ANSWER: Duration = Duration::from_secs(60);

/// The cluster of an environment and the files around it.
#[derive(Debug)]
pub(super) struct KindCluster<'a> {
    pub(super) environment: &'a Environment,
    pub(super) dir: &'a EnvironmentDir,
}

impl KindCluster<'_> {
    /// Name of the cluster: that of the environment.
    pub(super) fn name(&self) -> &str {
        self.environment.name.as_str()
    }

    /// What the journal calls it.
    pub(super) fn effect(&self) -> Effect {
        Effect::KindCluster {
            name: self.name().to_owned(),
        }
    }

    /// How many nodes it has.
    pub(super) fn size(&self) -> usize {
        usize::from(self.environment.workers) + 1
    }

    /// Name of the node that kind makes first, and of its container.
    pub(super) fn control_plane(&self) -> String {
        format!("{}-control-plane", self.name())
    }

    fn document(&self) -> PathBuf {
        self.dir.path().join("kind.yaml")
    }

    fn context(&self) -> String {
        format!("kind-{}", self.name())
    }

    /// Refuses a cluster of the same name that nobody announced, and one made with other settings.
    pub(super) async fn refuse_foreign(
        &self,
        host: &Host,
        journal: &Journal,
    ) -> Result<(), KindError> {
        if host
            .engine
            .cluster_containers(self.name())
            .await?
            .is_empty()
        {
            return Ok(());
        }
        if !journal.owns(&self.effect()) {
            return Err(KindError::ForeignCluster {
                name: self.name().to_owned(),
            });
        }
        let Some(made) = self.made_with() else {
            return Ok(());
        };
        let asked = (self.wanted(), self.size());
        if journal.phase(&self.effect()) != Some(Phase::Done) || made == asked {
            return Ok(());
        }
        let words = |(networking, nodes): &(Networking, usize)| {
            format!(
                "{} {} pods {} services {nodes} nodes",
                networking.ip_family, networking.pod_subnet, networking.service_subnet
            )
        };
        Err(KindError::SettingsChanged {
            name: self.name().to_owned(),
            found: words(&made),
            wanted: words(&asked),
        })
    }

    /// The network section and the number of nodes of the document the cluster was made from.
    fn made_with(&self) -> Option<(Networking, usize)> {
        let text = fsutil::read_optional(&self.document()).ok()??;
        let document: serde_json::Value = yaml::parse(&text, "kind.yaml").ok()?;
        let cluster = decode(&document).ok()?;
        Some((cluster.networking, cluster.nodes.len()))
    }

    /// Makes the cluster, or adopts the one that is there and ours and answers.
    pub(super) async fn ensure(
        &self,
        host: &Host,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<kube::Client, ClusterError> {
        let step = progress.step(format!("kind cluster {}", self.name()));
        let ended = orphans::end_creators(&self.document(), self.name());
        if ended > 0 {
            step.detail(format!("ended {ended} kind process of an interrupted run"));
        }
        let containers = host.engine.cluster_containers(self.name()).await?;
        if !containers.is_empty() {
            match self.adopt(host, journal, &containers, &step).await? {
                Adoption::Good(client) => {
                    step.done("already there");
                    return Ok(client);
                }
                Adoption::Broken(reason) => {
                    step.detail(format!("making it anew: {reason}"));
                    self.remove(&host.engine, Some(&host.program)).await?;
                }
            }
        }
        let client = self.create(host, journal, &step).await?;
        step.done("created");
        Ok(client)
    }

    /// Looks at the containers of an earlier run.
    async fn adopt(
        &self,
        host: &Host,
        journal: &Journal,
        containers: &[ContainerSummary],
        step: &Step,
    ) -> Result<Adoption, ClusterError> {
        if journal.phase(&self.effect()) != Some(Phase::Done) {
            return Ok(Adoption::Broken(
                "an earlier run did not finish it".to_owned(),
            ));
        }
        if containers.len() != self.size() {
            let reason = format!("it has {} of {} nodes", containers.len(), self.size());
            return Ok(Adoption::Broken(reason));
        }
        let mut limit = ADOPTION;
        for container in containers {
            if container.state != Some(ContainerSummaryStateEnum::RUNNING) {
                let name = container_name(container);
                step.detail(format!("starting {name}"));
                host.engine.start_container(&name).await?;
                limit = RESTART;
            }
        }
        let client = self.connect(&host.program).await?;
        match wait::api_ready(&client, limit, step).await {
            Ok(()) => Ok(Adoption::Good(client)),
            Err(error) => Ok(Adoption::Broken(error.to_string())),
        }
    }

    fn plan(&self, image: NodeImage, cgroups: CgroupVersion) -> ClusterPlan {
        let resolv_conf = self.resolv_conf();
        let mounts = resolv_conf.iter().map(|path| Mount {
            host_path: path.display().to_string(),
            container_path: coredns::NODE_RESOLV_CONF.to_owned(),
            read_only: true,
            ..Mount::default()
        });
        ClusterPlan::new(
            &self.environment.plan,
            PlanOptions {
                name: self.name().to_owned(),
                layout: NodeLayout {
                    workers: self.environment.workers,
                    mounts: mounts.collect(),
                    ..NodeLayout::default()
                },
                image: self.environment.node_image.clone(),
                kubernetes: image.kubernetes,
                cgroups,
                set_registry_path: image.set_registry_path,
                resolv_conf: resolv_conf
                    .is_some()
                    .then(|| coredns::NODE_RESOLV_CONF.to_owned()),
                ..PlanOptions::default()
            },
        )
    }

    /// The file with the name servers of pods that take the node's, for environments that name any.
    fn resolv_conf(&self) -> Option<PathBuf> {
        let named = !self.environment.resolvers.is_empty();
        named.then(|| self.dir.path().join("resolv.conf"))
    }

    /// The network section that is asked for; nothing in it depends on image or host.
    fn wanted(&self) -> Networking {
        self.plan(NodeImage::default(), CgroupVersion::V2)
            .networking()
    }

    async fn create(
        &self,
        host: &Host,
        journal: &Journal,
        step: &Step,
    ) -> Result<kube::Client, ClusterError> {
        let image = preflight::look_at_node_image(self.environment, &host.engine).await?;
        let document = render(&self.plan(image, host.cgroups), Templates::embedded())
            .map_err(KindError::from)?;
        let file = |error| ClusterError::Kubeconfig(kubeconfig::KubeconfigError::File(error));
        fsutil::create_private_dir(self.dir.path()).map_err(file)?;
        fsutil::write_atomic(&self.document(), document.text.as_bytes(), 0o600).map_err(file)?;
        let name_servers = coredns::resolv_conf(self.environment);
        if let Some((path, text)) = self.resolv_conf().zip(name_servers) {
            // Nodes read it through a mount, as another user.
            fsutil::write_atomic(&path, text.as_bytes(), 0o644).map_err(file)?;
        }
        // kind merges into a file that exists; a context of an earlier cluster must not survive.
        fsutil::remove_optional(&self.dir.kubeconfig()).map_err(file)?;
        journal.intend(&self.effect())?;
        let request = CreateRequest {
            name: self.name(),
            config: &self.document(),
            kubeconfig: &self.dir.kubeconfig(),
        };
        if let Err(error) = host.program.create(request, step).await {
            // A container that an interrupted run had asked for can appear after the first look.
            if !error.is_leftover_node() {
                return Err(error.into());
            }
            step.detail("removing a node that an interrupted run had asked for");
            self.remove(&host.engine, Some(&host.program)).await?;
            host.program.create(request, step).await?;
        }
        journal.done(&self.effect())?;
        let client = self.connect(&host.program).await?;
        wait::api_ready(&client, ANSWER, step).await?;
        Ok(client)
    }

    /// A client from the stored kubeconfig, or from the one kind tells.
    pub(super) async fn connect(
        &self,
        program: &KindProgram,
    ) -> Result<kube::Client, ClusterError> {
        if let Ok(stored) = kubeconfig::read(&self.dir.kubeconfig()) {
            return Ok(connect::client(&stored).await?);
        }
        let told = program.kubeconfig(self.name()).await?;
        let config = kubeconfig::named(kubeconfig::parse(&told, "kind")?, &self.context());
        kubeconfig::write(&self.dir.kubeconfig(), &config)?;
        Ok(connect::client(&config).await?)
    }

    /// The cluster as everybody else sees it.
    pub(super) fn value(
        &self,
        client: kube::Client,
        capabilities: std::collections::BTreeSet<crate::cluster::Capability>,
    ) -> Result<Cluster, ClusterError> {
        let kubeconfig = kubeconfig::read(&self.dir.kubeconfig())?;
        Ok(Cluster {
            kubeconfig,
            client,
            capabilities,
            own_image: None,
        })
    }

    /// Removes the cluster; without the kind binary its containers are removed all the same.
    pub(super) async fn remove(
        &self,
        engine: &Engine,
        program: Option<&KindProgram>,
    ) -> Result<(), KindError> {
        orphans::end_creators(&self.document(), self.name());
        if let Some(program) = program {
            program.delete(self.name(), &self.dir.kubeconfig()).await?;
        }
        engine
            .remove_containers(&Selection::cluster(self.name()))
            .await
    }
}

enum Adoption {
    Good(kube::Client),
    Broken(String),
}
