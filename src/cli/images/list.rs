//! Arguments of `garden6 images list`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::sources::SourceArgs;
use crate::{
    cli::env,
    commands::images::list::{self, ClusterChoice, Online},
    config::EnvironmentName,
    failure::Failure,
    ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Without --online nothing is known about registries, and they are shown as not tested. With it, every
registry is tested from here over both families: the host in the name, the host that gives tokens, and
the host that content comes from, which takes an image that is on the list.

Exit codes: 0 listed, with --online: all can be reached over IPv6; 1 with --online: one cannot; 2 a file
is missing or wrong; 3 with --online: one could not be tested, or there is no cluster; 4 there is no image.

Examples:
  garden6 images list -f calico.yaml images.yaml
  garden6 images list --environment --cluster
  garden6 images list -f images.yaml --target-version 1.37.0 --online -o json")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the command line"
)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// The images that the environment itself is made of
    #[arg(long, help_heading = "Sources")]
    environment: bool,
    /// The images of the workloads of a running cluster
    #[arg(long, help_heading = "Sources")]
    cluster: bool,
    /// How to reach the cluster, instead of that of the environment
    #[arg(
        long,
        value_name = "FILE",
        requires = "cluster",
        help_heading = "Sources"
    )]
    kubeconfig: Option<PathBuf>,
    /// Name of the environment
    #[arg(long = "name", value_name = "NAME", env = env::NAME, default_value_t, help_heading = "Sources")]
    name: EnvironmentName,
    /// Test which registries can be reached from here
    #[arg(long)]
    online: bool,
    /// Test the content of Docker Hub as well, which counts as one or two pulls
    #[arg(long, requires = "online")]
    counted_pulls: bool,
    /// How long a host may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, requires = "online")]
    patience: u64,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl TryFrom<ListArgs> for list::Request {
    type Error = Failure;

    fn try_from(args: ListArgs) -> Result<Self, Failure> {
        if !args.environment && !args.cluster {
            let hint = "`--environment` and `--cluster` name images, too";
            args.sources
                .require_files()
                .map_err(|failure| failure.hint(hint))?;
        }
        let cluster = match args.kubeconfig {
            Some(path) => ClusterChoice::Kubeconfig(path),
            None => ClusterChoice::Environment(args.name.clone()),
        };
        Ok(Self {
            sources: args.sources.into(),
            environment: args.environment.then_some(args.name),
            cluster: args.cluster.then_some(cluster),
            online: args.online.then_some(Online {
                patience: Duration::from_secs(args.patience),
                counted_pulls: args.counted_pulls,
            }),
            format: args.format,
        })
    }
}
