//! `garden6 down`: removes all that `up` made, newest first, and only that.

use super::{Context, backends, interrupt, kubeconfig::no_environment, store::Store};
use crate::{cluster::Journal, config::EnvironmentName, exit::Exit, failure::Failure};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The environment.
    pub name: EnvironmentName,
}

/// Removes an environment.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    interrupt::or_interrupted(remove(context, &request.name)).await?;
    Ok(Exit::Success)
}

async fn remove(context: &Context, name: &EnvironmentName) -> Result<(), Failure> {
    let store = Store(&context.state_dir);
    if store.load(name)?.is_none() {
        let folder = context.state_dir.environment(name);
        if !folder.path().exists() {
            return Err(no_environment(name));
        }
        // `up` died between making the folder and writing down what it wants: nothing was made.
        return store.forget(name);
    }
    // The lock file stays: removing it would let two commands hold different ones.
    let _lock = store.lock(name).await?;
    let environment = store.load(name)?.ok_or_else(|| no_environment(name))?;
    let folder = context.state_dir.environment(name);
    let journal = Journal::open(&folder.journal()).map_err(Failure::environment)?;
    backends::of(context, &environment)?
        .delete(&environment, &journal, &context.ui.progress())
        .await
        .map_err(backends::failure)?;
    let remaining = journal.remaining();
    if !remaining.is_empty() {
        return Err(Failure::environment(format!(
            "{} of what environment {name} made could not be removed, see {}",
            remaining.len(),
            folder.journal().display()
        ))
        .hint(format!(
            "run `garden6 down --name {name}` again when nobody uses it any more"
        )));
    }
    store.forget(name)?;
    context.ui.say(&format!("Environment {name} is gone."));
    Ok(())
}
