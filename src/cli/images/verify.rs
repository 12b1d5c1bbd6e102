//! Arguments of `garden6 images verify`.

use clap::Args;

use super::transfers::{AccessArgs, ImagesArgs};
use crate::{
    commands::images::verify, failure::Failure, mirror::verify::VerifyOptions, ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Every name has to have the digest of the lock file, or of the source; every manifest below it is read
and hashed, every blob is looked for, and with `--blobs` read and hashed too.

Exit codes: 0 all is as it should be; 1 something is not; 2 a file or an argument is wrong;
4 nothing was selected; 130, 143 interrupted.

Examples:
  garden6 images verify alpine:3.24.1 '[::1]:5001/3rd/alpine:3.24.1'
  garden6 images verify alpine:3.24.1 oci:images:alpine:3.24.1 --blobs -o json")]
pub(in crate::cli) struct VerifyArgs {
    #[command(flatten)]
    images: ImagesArgs,
    /// Read and hash blobs too
    #[arg(long)]
    blobs: bool,
    #[command(flatten)]
    access: AccessArgs,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl TryFrom<VerifyArgs> for verify::Request {
    type Error = Failure;

    fn try_from(args: VerifyArgs) -> Result<Self, Failure> {
        Ok(Self {
            images: args.images.images(false)?,
            access: args.access.into(),
            options: VerifyOptions { blobs: args.blobs },
            format: args.format,
        })
    }
}
