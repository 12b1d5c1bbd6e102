//! Arguments of `garden6 images parse`.

use clap::Args;

use crate::{commands::images::parse, ui::Format};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 all are references; 1 one of them is none.

Examples:
  garden6 images parse alpine
  garden6 images parse '[fd00:10::5]:5001/3rd/alpine:3.24.1' -o json")]
pub(in crate::cli) struct ParseArgs {
    /// Image reference, as in alpine:3 or ghcr.io/a/b; an IPv6 address in brackets
    #[arg(value_name = "REF", required = true)]
    references: Vec<String>,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl From<ParseArgs> for parse::Request {
    fn from(args: ParseArgs) -> Self {
        Self {
            references: args.references,
            format: args.format,
        }
    }
}
