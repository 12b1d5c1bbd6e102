//! Arguments of `garden6 generate`.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};
use semver::Version;

use super::environment::EnvironmentArgs;
use crate::{
    commands::{
        Context,
        generate::{self, Mode, OutputRequest, Request, What},
    },
    config::EnvironmentRequest,
    exit::Exit,
    failure::Failure,
    generate::{
        Containerd, PlanSettings, RegistryMirror,
        calico::Encapsulation,
        kind::{CgroupVersion, Mount, PublishedPort},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum GenerateCommand {
    /// The cluster document of kind
    Kind(Box<GenerateArgs>),
    /// Upstream's calico manifest, patched for the families of the cluster
    Calico(Box<GenerateArgs>),
    /// CoreDNS for a cluster whose pods cannot reach the name server of its nodes
    Coredns(Box<GenerateArgs>),
    /// How containerd on the nodes reaches registries
    HostsToml(Box<GenerateArgs>),
    /// Network policies of a Shoot's control plane, with IPv6 equivalents of every IPv4 block
    Policies(Box<GenerateArgs>),
    /// Kernel settings of a Shoot's machines, as an OperatingSystemConfig
    OperatingSystem(Box<GenerateArgs>),
    /// A Shoot with the ranges of the environment
    Shoot(Box<GenerateArgs>),
    /// The local cluster as a Seed
    Seed(Box<GenerateArgs>),
    /// What the networking extension is asked for on behalf of the Shoot
    Network(Box<GenerateArgs>),
    /// Everything for plain kind and kubectl, with a README that says how; needs `--out DIR`
    All(Box<GenerateArgs>),
    /// The templates of the program, for `--templates`; their names without `--out`
    Templates(OutputArgs),
}

impl GenerateCommand {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (what, args) = match self {
            Self::Kind(args) => (What::Kind, args),
            Self::Calico(args) => (What::Calico, args),
            Self::Coredns(args) => (What::CoreDns, args),
            Self::HostsToml(args) => (What::HostsToml, args),
            Self::Policies(args) => (What::Policies, args),
            Self::OperatingSystem(args) => (What::OperatingSystem, args),
            Self::Shoot(args) => (What::Shoot, args),
            Self::Seed(args) => (What::Seed, args),
            Self::Network(args) => (What::Network, args),
            Self::All(args) => (What::All, args),
            Self::Templates(args) => return generate::export_templates(context, &args.into()),
        };
        generate::run(context, &args.request(what)?).await
    }
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// File or folder to write instead of standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Write nothing; show how what is at `--out` differs, and fail (1) if it does
    #[arg(long, requires = "out", conflicts_with = "diff")]
    check: bool,
    /// Write nothing; show how what is at `--out` differs
    #[arg(long, requires = "out")]
    diff: bool,
}

impl From<OutputArgs> for OutputRequest {
    fn from(args: OutputArgs) -> Self {
        Self {
            out: args.out,
            mode: match (args.check, args.diff) {
                (true, _) => Mode::Check,
                (false, true) => Mode::Diff,
                (false, false) => Mode::Write,
            },
        }
    }
}

/// The control groups of the machine that runs the nodes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cgroups {
    /// One hierarchy per controller
    V1,
    /// The unified hierarchy
    V2,
}

/// The containerd of the node image.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ContainerdVersion {
    /// 1.x
    #[value(name = "1")]
    V1,
    /// 2.x
    #[value(name = "2")]
    V2,
}

/// How calico carries packets between nodes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EncapsulationWord {
    /// Routes between nodes that share a link; IPv4 in IPIP, as upstream does
    None,
    /// VXLAN for both families; IPv6 needs kernel 4.19.1 or newer
    Vxlan,
}

#[derive(Debug, Args)]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    files: FileArgs,
    /// Folder with templates that replace those of the program
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    templates: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Output")]
    output: OutputArgs,
}

/// What only the files need to know.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
struct FileArgs {
    /// Zones that the nodes are in, in turn; without `--workers` there is one node per zone
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    zones: u8,
    /// Kubernetes version of the node image, as in 1.37.0
    #[arg(long, value_name = "VERSION")]
    kubernetes: Option<Version>,
    /// Feature gates of Kubernetes
    #[arg(long, value_name = "GATE=BOOL", value_delimiter = ',')]
    kubernetes_feature_gates: Vec<Gate>,
    /// Control groups of the machine that runs the nodes
    #[arg(long, value_name = "VERSION", default_value = "v2")]
    cgroups: Cgroups,
    /// Containerd of the node image
    #[arg(long, value_name = "MAJOR", default_value = "2")]
    containerd: ContainerdVersion,
    /// Port of the control plane node on the host; without address on its loopback, per family (can be repeated)
    #[arg(
        long = "publish",
        value_name = "[ADDRESS:]HOST-PORT:NODE-PORT[/PROTOCOL]"
    )]
    ports: Vec<PublishedPort>,
    /// Folder of the host inside every node (can be repeated)
    #[arg(long = "mount", value_name = "HOST:NODE[:ro]")]
    mounts: Vec<MountWord>,
    /// Registry that nodes read through another one (can be repeated)
    #[arg(long = "mirror", value_name = "REGISTRY=HOST:PORT")]
    mirrors: Vec<RegistryMirror>,
    /// Where the API server answers, for network policies (can be repeated)
    #[arg(long = "api-server", value_name = "ADDRESS:PORT")]
    api_servers: Vec<SocketAddr>,
    /// How calico carries packets between nodes
    #[arg(long, value_name = "HOW", default_value = "none")]
    encapsulation: EncapsulationWord,
}

impl GenerateArgs {
    fn request(self, what: What) -> Result<Request, Failure> {
        let mut environment = EnvironmentRequest::try_from(self.environment)?;
        if environment.workers.is_none() {
            environment.workers = self.files.zones.checked_sub(1);
        }
        Ok(Request {
            what,
            environment,
            settings: self.files.into(),
            templates: self.templates,
            output: self.output.into(),
        })
    }
}

impl From<FileArgs> for PlanSettings {
    fn from(args: FileArgs) -> Self {
        let gates = args.kubernetes_feature_gates.into_iter();
        Self {
            kubernetes: args.kubernetes,
            cgroups: match args.cgroups {
                Cgroups::V1 => CgroupVersion::V1,
                Cgroups::V2 => CgroupVersion::V2,
            },
            containerd: match args.containerd {
                ContainerdVersion::V1 => Containerd::V1,
                ContainerdVersion::V2 => Containerd::V2,
            },
            zones: args.zones,
            feature_gates: gates
                .map(|gate| (gate.name, gate.on))
                .collect::<BTreeMap<_, _>>(),
            ports: args.ports,
            mounts: args.mounts.into_iter().map(|mount| mount.0).collect(),
            mirrors: args.mirrors,
            api_servers: args.api_servers,
            encapsulation: match args.encapsulation {
                EncapsulationWord::None => Encapsulation::None,
                EncapsulationWord::Vxlan => Encapsulation::Vxlan,
            },
        }
    }
}

/// `NAME=BOOL`.
#[derive(Clone, Debug)]
struct Gate {
    name: String,
    on: bool,
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_once('=')
            .and_then(|(name, value)| {
                let on = value.parse().ok()?;
                let word =
                    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
                word.then(|| Self {
                    name: name.to_owned(),
                    on,
                })
            })
            .ok_or_else(|| "expected NAME=true or NAME=false".to_owned())
    }
}

/// `HOST:NODE[:ro]`.
#[derive(Clone, Debug)]
struct MountWord(Mount);

impl FromStr for MountWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (paths, read_only) = match text.strip_suffix(":ro") {
            Some(paths) => (paths, true),
            None => (text, false),
        };
        match paths.split_once(':') {
            Some((host, node)) if !host.is_empty() && node.starts_with('/') => Ok(Self(Mount {
                host_path: host.to_owned(),
                container_path: node.to_owned(),
                read_only,
                ..Mount::default()
            })),
            _ => Err("expected HOST-FOLDER:/NODE/FOLDER or HOST-FOLDER:/NODE/FOLDER:ro".to_owned()),
        }
    }
}
