//! Arguments of the commands about environments.

use std::{net::IpAddr, path::PathBuf};

use clap::Args;

use super::{
    env,
    words::{Backend, Cni, Profile, skipped_check},
};
use crate::{
    api::gates::FeatureGates,
    commands::{HostOptions, down, environment_file, kubeconfig, serve, status, up},
    config::{EnvironmentName, EnvironmentRequest},
    failure::Failure,
    ipam::Purpose,
    net::{Cidr, Families, HostPort},
    ui::Format,
};

/// The name of an environment.
#[derive(Debug, Args)]
pub(super) struct NameArg {
    /// Name of the environment
    #[arg(long, value_name = "NAME", env = env::NAME, default_value_t)]
    name: EnvironmentName,
}

/// What an environment is made of.
#[derive(Debug, Args)]
pub(super) struct EnvironmentArgs {
    /// Name of the environment [default: garden6]
    #[arg(long, value_name = "NAME", env = env::NAME)]
    name: Option<EnvironmentName>,
    /// File with these settings, the flags' names in camel case; flags win over it
    #[arg(long, value_name = "FILE", env = env::CONFIG)]
    config: Option<PathBuf>,
    /// IP families: ipv6, ipv4, dual (IPv6 first) or a list in order
    #[arg(long, value_name = "FAMILY", env = env::IP_FAMILY)]
    ip_family: Option<Families>,
    /// Range of the cluster's pods (can be repeated, once per family)
    #[arg(long = "pod-subnet", value_name = "CIDR", value_delimiter = ',')]
    pods: Vec<Cidr>,
    /// Range of the cluster's services (can be repeated, once per family)
    #[arg(long = "service-subnet", value_name = "CIDR", value_delimiter = ',')]
    services: Vec<Cidr>,
    /// Prefix of the Docker network (can be repeated, once per family)
    #[arg(long = "docker-subnet", value_name = "CIDR", value_delimiter = ',')]
    docker: Vec<Cidr>,
    /// Worker nodes besides the control-plane node
    #[arg(long, value_name = "COUNT")]
    workers: Option<u8>,
    /// What connects pods of a kind cluster
    #[arg(long, value_name = "CNI", env = env::CNI)]
    cni: Option<Cni>,
    /// Calico's manifest, as published
    #[arg(long, value_name = "FILE")]
    calico_manifest: Option<PathBuf>,
    /// Node image of a kind cluster
    #[arg(long, value_name = "IMAGE", env = env::NODE_IMAGE)]
    node_image: Option<String>,
    /// The kind program
    #[arg(long = "kind", value_name = "FILE", env = env::KIND)]
    kind_binary: Option<PathBuf>,
    /// Docker network of a kind cluster
    #[arg(long, value_name = "NAME")]
    docker_network: Option<String>,
    /// Name and port of the local registry
    #[arg(long, value_name = "HOST:PORT")]
    registry: Option<HostPort>,
    /// Image of the local registry
    #[arg(long, value_name = "IMAGE", env = env::REGISTRY_IMAGE)]
    registry_image: Option<String>,
    /// Name server that pods can reach (can be repeated) [default: the nodes' own, where pods can reach it]
    #[arg(long = "resolver", value_name = "ADDRESS")]
    resolvers: Vec<IpAddr>,
    /// Rule set of the API
    #[arg(long, value_name = "PROFILE")]
    api_profile: Option<Profile>,
    /// Feature gates, as in IPv6SingleStack=false
    #[arg(long, value_name = "GATE=BOOL,...")]
    feature_gates: Option<FeatureGates>,
}

impl TryFrom<EnvironmentArgs> for EnvironmentRequest {
    type Error = Failure;

    fn try_from(args: EnvironmentArgs) -> Result<Self, Failure> {
        let of = |purpose, cidrs: Vec<Cidr>| cidrs.into_iter().map(move |cidr| (purpose, cidr));
        let file = args.config.as_deref().map(environment_file).transpose()?;
        let file = file.unwrap_or_default();
        let name = args.name.as_ref().or(file.name());
        let typed = Self {
            name: name.cloned().unwrap_or_default(),
            families: args.ip_family,
            ranges: of(Purpose::Docker, args.docker)
                .chain(of(Purpose::Pods, args.pods))
                .chain(of(Purpose::Services, args.services))
                .collect(),
            workers: args.workers,
            cni: args.cni.map(Into::into),
            calico_manifest: args.calico_manifest,
            node_image: args.node_image,
            kind_binary: args.kind_binary,
            docker_network: args.docker_network,
            registry: args.registry,
            registry_image: args.registry_image,
            resolvers: args.resolvers,
            api_profile: args.api_profile.map(Into::into),
            feature_gates: args.feature_gates,
        };
        absolute(file.under(typed))
    }
}

#[derive(Debug, Args)]
pub(super) struct UpArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// What makes the cluster
    #[arg(long, value_name = "BACKEND", env = env::BACKEND, default_value = "auto")]
    backend: Backend,
    /// Go on without a check of the host, and say why (can be repeated)
    #[arg(long = "skip", value_name = "ID=REASON", value_parser = skipped_check)]
    skips: Vec<(String, String)>,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl TryFrom<UpArgs> for up::Request {
    type Error = Failure;

    fn try_from(args: UpArgs) -> Result<Self, Failure> {
        Ok(Self {
            environment: args.environment.try_into()?,
            backend: args.backend.into(),
            host: HostOptions {
                env: env::of_checks(),
                docker_config: env::docker_config(),
                skips: args.skips,
            },
            format: args.format,
        })
    }
}

/// Makes the paths of a request independent of the folder that a later command runs in.
fn absolute(mut request: EnvironmentRequest) -> Result<EnvironmentRequest, Failure> {
    for path in [&mut request.calico_manifest, &mut request.kind_binary]
        .into_iter()
        .flatten()
    {
        // A bare program name is looked up in PATH.
        if path.components().count() > 1 {
            *path = std::path::absolute(&path).map_err(Failure::usage)?;
        }
    }
    Ok(request)
}

#[derive(Debug, Args)]
pub(super) struct DownArgs {
    #[command(flatten)]
    name: NameArg,
}

impl From<DownArgs> for down::Request {
    fn from(args: DownArgs) -> Self {
        Self {
            name: args.name.name,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// Only this environment
    #[arg(long, value_name = "NAME", env = env::NAME)]
    name: Option<EnvironmentName>,
    /// Shape of the result
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl From<StatusArgs> for status::Request {
    fn from(args: StatusArgs) -> Self {
        Self {
            name: args.name,
            format: args.format,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct KubeconfigArgs {
    #[command(flatten)]
    name: NameArg,
    /// Print the path of the file instead of its content
    #[arg(long)]
    path: bool,
}

impl From<KubeconfigArgs> for kubeconfig::Request {
    fn from(args: KubeconfigArgs) -> Self {
        Self {
            name: args.name.name,
            show: if args.path {
                kubeconfig::Show::Path
            } else {
                kubeconfig::Show::Content
            },
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
}

impl TryFrom<ServeArgs> for serve::Request {
    type Error = Failure;

    fn try_from(args: ServeArgs) -> Result<Self, Failure> {
        Ok(Self {
            environment: args.environment.try_into()?,
        })
    }
}
