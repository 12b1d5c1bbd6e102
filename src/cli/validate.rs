//! Arguments of `garden6 validate`.

use std::path::PathBuf;

use clap::Args;

use super::words::Profile;
use crate::{
    api::{gates::FeatureGates, validation::Rules},
    commands::validate,
    ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
The answer is that of an API server with the rules of garden6: the first that finds something of
reading, defaults, the rules, the schema. `-o json` prints for one object exactly
  {\"valid\": BOOL, \"errors\": [{\"type\", \"field\", \"value\", \"detail\"}]}
and for several also `objects` (checked, refused, notChecked) and in each error `source` (file,
line, column, object). Kinds without rules are counted on standard error.

Exit codes: 0 valid; 1 something is wrong, also a text that is no YAML or JSON; 2 a file is missing
or there is nothing to validate.

Examples:
  garden6 validate -f shoot.yaml
  garden6 validate -f manifests/ --api-profile upstream -o json
  garden6 validate -f new.yaml --old old.yaml --seed seed.yaml
  kubectl get shoots -A -o yaml | garden6 validate --strict -f -")]
pub(super) struct ValidateArgs {
    /// File, folder (searched for *.yaml, *.yml and *.json), or - for standard input
    #[arg(short, long = "file", alias = "filename", value_name = "PATH", required = true, num_args = 1..)]
    files: Vec<PathBuf>,
    /// Objects as they are now; given ones of the same name are judged as updates of them
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
    /// Seed that Shoots are judged with, instead of the given one that they name
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Rule set of the API
    #[arg(long, value_name = "PROFILE", default_value = "gep21")]
    api_profile: Profile,
    /// Feature gates, as in IPv6SingleStack=false
    #[arg(long, value_name = "GATE=BOOL,...", default_value_t)]
    feature_gates: FeatureGates,
    /// Refuse as well what is accepted and cannot work
    #[arg(long)]
    strict: bool,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl From<ValidateArgs> for validate::Request {
    fn from(args: ValidateArgs) -> Self {
        Self {
            paths: args.files,
            old: args.old,
            seed: args.seed,
            rules: Rules {
                profile: args.api_profile.into(),
                gates: args.feature_gates,
            },
            strict: args.strict,
            format: args.format,
        }
    }
}
