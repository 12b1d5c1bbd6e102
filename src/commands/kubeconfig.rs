//! `garden6 kubeconfig`: how others reach the cluster of an environment.

use super::{
    Context,
    store::{self, Store},
};
use crate::{config::EnvironmentName, exit::Exit, failure::Failure, fsutil};

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// The content of the file.
    Content,
    /// Where the file is.
    Path,
}

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The environment.
    pub name: EnvironmentName,
    /// What to print.
    pub show: Show,
}

/// Prints the kubeconfig or its path.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let store = Store(&context.state_dir);
    if store.load(&request.name)?.is_none() {
        return Err(no_environment(&request.name));
    }
    let path = context.state_dir.environment(&request.name).kubeconfig();
    let content = fsutil::read_optional(&path)
        .map_err(store::file)?
        .ok_or_else(|| {
            Failure::environment(format!("environment `{}` is not up yet", request.name))
                .hint("`garden6 up` finishes what was begun")
        })?;
    match request.show {
        Show::Content => context.ui.data(&content)?,
        Show::Path => context.ui.data(&format!("{}\n", path.display()))?,
    }
    Ok(Exit::Success)
}

/// There is no environment of that name.
pub(super) fn no_environment(name: &EnvironmentName) -> Failure {
    Failure::environment(format!("there is no environment `{name}`"))
        .hint("`garden6 up` makes one, `garden6 status` lists those that exist")
}
