//! Facts: of this machine, or of one that was recorded.

use std::path::{Path, PathBuf};

use super::{Mode, Request};
use crate::{
    commands::Context,
    doctor::{
        Facts, Target,
        facts::hosts,
        live::{self, ENGINE_TIME_OUT, Programs, Question},
        record::{self, Identity, Key},
    },
    failure::Failure,
    fsutil::write_atomic,
};

/// A recorded machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The file.
    pub path: PathBuf,
    /// Which of its machines, where it has several.
    pub host: Option<String>,
}

/// The facts that a request is about.
pub(super) async fn facts(request: &Request) -> Result<Facts, Failure> {
    if let Some(snapshot) = &request.snapshot {
        return recorded(snapshot);
    }
    Ok(live::collect(&question(request)?).await)
}

fn recorded(snapshot: &Snapshot) -> Result<Facts, Failure> {
    let path = snapshot.path.display();
    let text = std::fs::read_to_string(&snapshot.path)
        .map_err(|error| Failure::usage(format!("cannot read {path}: {error}")))?;
    hosts::read(&text, snapshot.host.as_deref()).map_err(|error| {
        Failure::usage(format!("{path}: {error}"))
            .hint("`--save-facts FILE` writes a snapshot, `--host NAME` chooses one of several")
    })
}

/// What is asked of this machine for a request.
fn question(request: &Request) -> Result<Question, Failure> {
    let machine = &request.machine;
    let programs = match (request.save.is_some(), request.target) {
        // Somebody else may ask another question of the snapshot.
        (true, _) => Programs::All,
        (false, Target::Kind | Target::Calico) => Programs::Base,
        (false, Target::Gardener) => Programs::Gardener,
        (false, Target::MiniLab) => Programs::MiniLab,
    };
    Ok(Question {
        root: machine.root.clone(),
        env: machine.env.clone(),
        docker_config: machine.docker_config.clone(),
        docker_host: machine.docker_host.clone(),
        workdir: std::env::current_dir().map_err(Failure::internal)?,
        plan: machine.plan.clone(),
        programs,
        engine_time_out: ENGINE_TIME_OUT,
        online: request.online,
        probe: request.probe && request.mode == Mode::Look,
    })
}

/// Writes a snapshot without secrets and says what is in it.
pub(super) fn save(
    context: &Context,
    facts: &Facts,
    path: &Path,
    request: &Request,
) -> Result<(), Failure> {
    let env = &request.machine.env;
    let identity = Identity {
        user: env.get("USER").cloned(),
        home: env.get("HOME").cloned(),
        host: nix::sys::utsname::uname()
            .ok()
            .map(|name| name.nodename().to_string_lossy().into_owned()),
    };
    let shown = record::redacted(facts, &identity, Key::random()).map_err(Failure::internal)?;
    let text = crate::yaml::emit(&shown);
    write_atomic(path, text.as_bytes(), 0o600).map_err(Failure::usage)?;
    let ui = &context.ui;
    ui.say(&format!("{} contains", path.display()));
    for line in record::contents(&shown) {
        ui.say(&format!("  {line}"));
    }
    ui.say("and what nobody else should know is gone:");
    for line in shown.meta.iter().flat_map(|meta| &meta.redacted) {
        ui.say(&format!("  {line}"));
    }
    ui.say("");
    Ok(())
}
