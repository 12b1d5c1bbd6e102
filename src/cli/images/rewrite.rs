//! Arguments of `garden6 images rewrite`.

use std::path::PathBuf;

use clap::Args;

use super::sources::PlacementArgs;
use crate::{
    commands::images::rewrite::{self, Destination, Mode},
    failure::Failure,
    ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Only fields that name images change; comments, quotes and layout stay. Every result is read back. With
the same `--target`, `--naming` and filters, `images plan` makes exactly the copies that are referred to.

Exit codes: 0 rewritten; 1 with --check: files would change; also: sources share a target; 2 a file is
missing, wrong, or cannot be rewritten.

Examples:
  garden6 images rewrite -f calico.yaml --target '[fd00:10::5]:5001/3rd' --diff
  garden6 images rewrite -f manifests/ --target mirror.local:5001 --in-place
  garden6 images rewrite -f images.yaml --target mirror.local:5001 --overwrite --out overwrite.yaml")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the command line"
)]
pub(in crate::cli) struct RewriteArgs {
    /// Image vector, manifest, kind's cluster document, list of references or containerd's config.toml; or a
    /// folder of such, or - for standard input
    #[arg(short, long = "file", alias = "filename", value_name = "PATH", required = true, num_args = 1..)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    placement: PlacementArgs,
    /// Make an overwrite for an image vector that stays as it is, for Gardener to be started with
    #[arg(long, conflicts_with = "in_place")]
    overwrite: bool,
    /// File or folder to write instead of standard output
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Rewrite the files themselves
    #[arg(long, conflicts_with = "out", help_heading = "Output")]
    in_place: bool,
    /// Write nothing; show what would change, and fail (1) if anything would
    #[arg(long, conflicts_with = "diff", help_heading = "Output")]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long, help_heading = "Output")]
    diff: bool,
    /// Shape of the report of what was replaced; text gives the files or differences themselves
    #[arg(
        short = 'o',
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    format: Format,
}

impl TryFrom<RewriteArgs> for rewrite::Request {
    type Error = Failure;

    fn try_from(args: RewriteArgs) -> Result<Self, Failure> {
        let from_stdin = args.files.iter().any(|path| path.as_os_str() == "-");
        if args.in_place && from_stdin {
            return Err(Failure::usage(
                "standard input cannot be rewritten in place",
            ));
        }
        let settings = args.placement.settings(Vec::new())?;
        if settings.target.is_none() {
            return Err(Failure::usage("nothing says where copies are")
                .hint("say so with `--target REGISTRY/PREFIX`"));
        }
        Ok(Self {
            paths: args.files,
            settings,
            overwrite: args.overwrite,
            destination: match (args.out, args.in_place) {
                (Some(out), _) => Destination::Out(out),
                (None, true) => Destination::InPlace,
                (None, false) => Destination::Print,
            },
            mode: match (args.check, args.diff) {
                (true, _) => Mode::Check,
                (false, true) => Mode::Diff,
                (false, false) => Mode::Write,
            },
            format: args.format,
        })
    }
}
