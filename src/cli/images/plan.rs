//! Arguments of `garden6 images plan`.

use clap::Args;

use super::sources::{PlacementArgs, SourceArgs};
use crate::{commands::images::plan, failure::Failure, mirror::plan::Platform, ui::Format};

#[derive(Debug, Args)]
#[command(after_help = "\
No registry is asked. Sources that would share a target are refused, all others are planned.

Exit codes: 0 planned; 1 sources share a target; 2 a file is missing or wrong; 4 there is no image.

Examples:
  garden6 images plan -f images.yaml
  garden6 images plan -f images.yaml --target '[fd00:10::5]:5001/3rd' --registry docker.io
  garden6 images plan -f calico.yaml kind.yaml --target localhost:5001 --platform linux/amd64 -o json")]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    placement: PlacementArgs,
    /// Only this platform of an index (can be repeated)
    #[arg(
        long = "platform",
        value_name = "OS/ARCH[/VARIANT]",
        help_heading = "Copies"
    )]
    platforms: Vec<Platform>,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl TryFrom<PlanArgs> for plan::Request {
    type Error = Failure;

    fn try_from(args: PlanArgs) -> Result<Self, Failure> {
        args.sources.require_files()?;
        Ok(Self {
            sources: args.sources.into(),
            settings: args.placement.settings(args.platforms)?,
            format: args.format,
        })
    }
}
