//! What can stand in the way of a kind cluster: what, where, and what to do about it.

use std::{net::SocketAddr, path::PathBuf};

use thiserror::Error;

use crate::{
    config::{Finding, finding},
    fsutil::FileError,
    generate::GenerateError,
    mirror::MirrorError,
    net::Cidr,
    process::{ProcessError, ProcessErrorKind},
};

/// A failure of the kind backend.
#[derive(Debug, Error)]
pub enum KindError {
    /// Nobody answers on the engine's socket.
    #[error("Docker Engine does not answer on {endpoint}")]
    EngineUnreachable {
        /// The socket or URL that was tried.
        endpoint: String,
        /// What came back.
        #[source]
        source: Box<bollard::errors::Error>,
    },
    /// The engine refused a request.
    #[error("Docker Engine failed to {action}")]
    Engine {
        /// What it was asked for.
        action: String,
        /// What came back.
        #[source]
        source: Box<bollard::errors::Error>,
    },
    /// The plan cannot be carried out on this host, or by these versions.
    #[error("the plan cannot be carried out here\n{}", finding::list(findings))]
    Plan {
        /// Everything that is wrong.
        findings: Vec<Finding>,
    },
    /// A program is missing.
    #[error("the program `{program}` was not found")]
    ProgramMissing {
        /// The name or path that was looked for.
        program: String,
    },
    /// The kind binary failed.
    #[error("kind could not {action}")]
    KindFailed {
        /// What it was asked for.
        action: String,
        /// How it ended.
        #[source]
        source: Box<ProcessError>,
    },
    /// An image is not in the engine.
    #[error("the {purpose} image {image} is not in Docker Engine and cannot be pulled")]
    ImageMissing {
        /// What it is for.
        purpose: &'static str,
        /// Its reference.
        image: String,
        /// Why it cannot be pulled.
        #[source]
        source: Box<bollard::errors::Error>,
    },
    /// There is no node image, and none can be had.
    #[error(
        "there is no node image: {} is not in Docker Engine, and {registry} cannot be reached",
        wanted.as_deref().unwrap_or("kind's own")
    )]
    NoNodeImage {
        /// The image that was asked for.
        wanted: Option<String>,
        /// Where images would come from.
        registry: &'static str,
    },
    /// A host port is in use.
    #[error("{address} is in use, but the {purpose} needs it")]
    PortTaken {
        /// The address and port.
        address: SocketAddr,
        /// Who needs it.
        purpose: &'static str,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A network of the right name has other prefixes.
    #[error(
        "docker network `{name}` has {}, but the plan needs {}",
        list(found),
        list(wanted)
    )]
    NetworkDiffers {
        /// Its name.
        name: String,
        /// Its prefixes.
        found: Vec<Cidr>,
        /// The prefixes of the plan.
        wanted: Vec<Cidr>,
        /// Containers that are attached to it.
        attached: Vec<String>,
    },
    /// A network of the right name has no IPv6.
    #[error("docker network `{name}` exists without IPv6")]
    NetworkWithoutIpv6 {
        /// Its name.
        name: String,
        /// Containers that are attached to it.
        attached: Vec<String>,
    },
    /// Another network has a prefix of the plan.
    #[error("docker network `{other}` already uses {found}, which overlaps {wanted} of the plan")]
    PrefixTaken {
        /// The other network.
        other: String,
        /// Its prefix.
        found: Cidr,
        /// The prefix of the plan.
        wanted: Cidr,
    },
    /// A cluster of the name exists, and nothing says that we made it.
    #[error("a kind cluster `{name}` exists that this environment did not make")]
    ForeignCluster {
        /// Its name.
        name: String,
    },
    /// A container or volume of the name exists, and nothing says that we made it.
    #[error("a {object} `{name}` exists that this environment did not make")]
    ForeignObject {
        /// What it is.
        object: &'static str,
        /// Its name.
        name: String,
    },
    /// A command inside a container failed.
    #[error("`{command}` failed in container {container} with exit code {code}: {output}")]
    Exec {
        /// The container.
        container: String,
        /// The command.
        command: String,
        /// How it ended.
        code: i64,
        /// What it said.
        output: String,
    },
    /// A command on the host failed.
    #[error("could not {purpose}")]
    HostCommand {
        /// What it was for.
        purpose: &'static str,
        /// How it ended.
        #[source]
        source: Box<ProcessError>,
    },
    /// A node has no address or pod range of a family.
    #[error("node {node} has {found}, which does not fit the families of the plan")]
    NodeNetwork {
        /// The node.
        node: String,
        /// What it has.
        found: String,
    },
    /// Containers do not go away.
    #[error("Docker Engine does not remove {containers}")]
    NotRemoved {
        /// Their names.
        containers: String,
    },
    /// There is no cluster to connect to.
    #[error("there is no kind cluster `{name}`")]
    NoCluster {
        /// Its name.
        name: String,
    },
    /// A CNI manifest cannot be read or kept.
    #[error("the calico manifest {} cannot be used", path.display())]
    Manifest {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Box<FileError>,
    },
    /// A CNI manifest cannot be fetched.
    #[error("{url} cannot be downloaded")]
    Download {
        /// Where it comes from.
        url: String,
        /// Where it would be kept.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The cluster was made with other settings.
    #[error("kind cluster `{name}` was made with {found}, but {wanted} is asked for")]
    SettingsChanged {
        /// Its name.
        name: String,
        /// What it was made with.
        found: String,
        /// What is asked for now.
        wanted: String,
    },
    /// A document could not be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// An image could not be built or pushed.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl KindError {
    /// Whether kind found nodes of a cluster that was not there a moment before.
    pub(super) fn is_leftover_node(&self) -> bool {
        let Self::KindFailed { source, .. } = self else {
            return false;
        };
        matches!(&source.kind, ProcessErrorKind::Failed { stderr, .. }
            if stderr.contains("already exist for a cluster with the name"))
    }

    /// Whether the engine says that a name is taken.
    pub(super) fn is_name_conflict(&self) -> bool {
        let Self::Engine { source, .. } = self else {
            return false;
        };
        matches!(
            **source,
            bollard::errors::Error::DockerResponseServerError {
                status_code: 409,
                ..
            }
        )
    }

    /// What the user can do about it.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::EngineUnreachable { .. } => vec![
                "start Docker, or point `DOCKER_HOST` to a running engine".to_owned(),
                "on Linux your user must be allowed to use the socket: `sudo usermod -aG docker $USER`".to_owned(),
            ],
            Self::Plan { findings } => findings
                .iter()
                .map(|finding| format!("--{}: {}", finding.field, finding.fix))
                .collect(),
            Self::ProgramMissing { program } if program == "docker" => {
                vec!["kind calls Docker's command line client: install it, or add it to `PATH`".to_owned()]
            }
            Self::ProgramMissing { .. } => vec![
                "install kind, or name it with `--kind FILE`".to_owned(),
                "`--backend embedded` needs neither kind nor Docker".to_owned(),
            ],
            Self::ImageMissing { .. } | Self::NoNodeImage { .. } => vec![
                "without internet: `hack/offline-kit/build.sh` builds the images from Debian packages".to_owned(),
            ],
            Self::PortTaken { address, .. } => vec![
                format!("see who listens there: `ss -ltnp 'sport = :{}'`", address.port()),
                "or take another port, as in `--registry registry.local.gardener.cloud:5010`".to_owned(),
            ],
            Self::NetworkDiffers { name, attached, .. }
            | Self::NetworkWithoutIpv6 { name, attached } => network_hints(name, attached),
            Self::PrefixTaken { other, .. } => {
                vec![format!("`docker network rm {other}` if nothing uses it, or choose another prefix with `--docker-subnet`")]
            }
            Self::ForeignCluster { name } => vec![
                format!("`kind delete cluster --name {name}` if it is not needed"),
                "or choose another name with `--name`".to_owned(),
            ],
            Self::ForeignObject { object, name } => {
                let command = if *object == "volume" { "volume rm" } else { "rm -f" };
                vec![format!("`docker {command} {name}` if it is not needed, or choose another `--name`")]
            }
            Self::Download { path, .. } => vec![
                format!("put the file to {} by hand, or name one with `--calico-manifest FILE`", path.display()),
                "`--cni ptp` needs neither a manifest nor images".to_owned(),
            ],
            Self::SettingsChanged { .. } => vec![
                "`garden6 down` removes it; the next `garden6 up` makes it anew".to_owned(),
            ],
            Self::NoCluster { .. } => vec!["`garden6 up` makes it".to_owned()],
            _ => Vec::new(),
        }
    }
}

fn network_hints(name: &str, attached: &[String]) -> Vec<String> {
    if attached.is_empty() {
        vec![format!(
            "nothing is attached to it: `docker network rm {name}`, then run this again"
        )]
    } else {
        vec![
            format!(
                "these containers are attached to it: {}",
                attached.join(", ")
            ),
            "remove them and the network, or choose another network with `--docker-network`"
                .to_owned(),
        ]
    }
}

fn list(prefixes: &[Cidr]) -> String {
    match prefixes {
        [] => "no prefix".to_owned(),
        prefixes => prefixes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" and "),
    }
}
