//! Arguments of `garden6 images mirror`.

use clap::Args;

use super::transfers::{AccessArgs, ImagesArgs};
use crate::{
    commands::images::mirror, failure::Failure, mirror::transfer::TransferOptions, ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Both sides are compared first, and only what is missing is moved: a rerun after an interrupt or a kill
takes up what is left. All platforms are copied and digests stay; a part of the platforms gets a
digest of its own where the target refuses an index with gaps. A tag is written last.

Exit codes: 0 all is there; 1 an image failed; 2 a file or an argument is wrong; 3 nobody answers;
4 nothing was selected; 130, 143 interrupted.

Examples:
  garden6 images mirror alpine:3.24.1 '[fd00:10::5]:5001/3rd/alpine:3.24.1' --plain-http '[fd00:10::5]:5001'
  garden6 images mirror ghcr.io/a/b:v1 oci:images
  garden6 images mirror -f images.yaml --target '[fd00:10::5]:5001/3rd' --lock images.lock.json
  garden6 images mirror -f images.yaml --to-environment
  garden6 images mirror -f images.yaml --to-layout images    on a machine with internet, then without:
  garden6 images mirror -f images.yaml --from-layout images --target registry.example.com/3rd")]
pub(in crate::cli) struct MirrorArgs {
    #[command(flatten)]
    images: ImagesArgs,
    /// Take the digests that tags have now into the lock file
    #[arg(long, requires = "lock", conflicts_with = "locked")]
    update_lock: bool,
    /// Copy what is said about images too: referrers, and the tags that cosign makes
    #[arg(long)]
    signatures: bool,
    /// Say what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,
    /// Pulls to leave over at registries that count them
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_pulls: u64,
    #[command(flatten)]
    access: AccessArgs,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl TryFrom<MirrorArgs> for mirror::Request {
    type Error = Failure;

    fn try_from(args: MirrorArgs) -> Result<Self, Failure> {
        Ok(Self {
            images: args.images.images(args.update_lock)?,
            access: args.access.into(),
            options: TransferOptions {
                dry_run: args.dry_run,
                signatures: args.signatures,
                pulls_kept: args.keep_pulls,
                ..TransferOptions::default()
            },
            format: args.format,
        })
    }
}
