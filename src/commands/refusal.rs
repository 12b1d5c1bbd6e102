//! What it means to the user that no environment follows from what was typed.

use crate::{config::ResolveError, failure::Failure};

/// The failure, with one hint per thing that can be put right.
pub(super) fn refused(error: ResolveError) -> Failure {
    let fixes: Vec<String> = match &error {
        ResolveError::Plan { findings } => findings
            .iter()
            .map(|finding| format!("--{}: {}", finding.field, finding.fix))
            .collect(),
        ResolveError::Differs { name, .. } => vec![format!(
            "`garden6 down --name {name}` removes it, or `--name` makes another one beside it"
        )],
        ResolveError::NoRoom(_) => {
            vec![
                "choose prefixes with --docker-subnet, --pod-subnet and --service-subnet"
                    .to_owned(),
            ]
        }
        ResolveError::NoEffect { .. } => Vec::new(),
    };
    fixes.into_iter().fold(Failure::usage(error), Failure::hint)
}
