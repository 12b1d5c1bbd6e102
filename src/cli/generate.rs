//! Arguments of `garden6 generate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use semver::Version;

use super::environment::EnvironmentArgs;
use crate::{
    commands::{Context, generate_kind},
    exit::Exit,
    failure::Failure,
    generate::kind::CgroupVersion,
};

#[derive(Debug, Subcommand)]
pub(super) enum GenerateCommand {
    /// Write the kind configuration of an environment
    Kind(Box<KindArgs>),
}

impl GenerateCommand {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Kind(args) => generate_kind::run(context, &(*args).try_into()?),
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

#[derive(Debug, Args)]
pub(super) struct KindArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// Kubernetes version of the node image, as in 1.37.0
    #[arg(long, value_name = "VERSION")]
    kubernetes: Option<Version>,
    /// Control groups of the machine that runs the nodes
    #[arg(long, value_name = "VERSION", default_value = "v2")]
    cgroups: Cgroups,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl TryFrom<KindArgs> for generate_kind::Request {
    type Error = Failure;

    fn try_from(args: KindArgs) -> Result<Self, Failure> {
        Ok(Self {
            environment: args.environment.try_into()?,
            kubernetes: args.kubernetes,
            cgroups: match args.cgroups {
                Cgroups::V1 => CgroupVersion::V1,
                Cgroups::V2 => CgroupVersion::V2,
            },
            out: args.out,
        })
    }
}
