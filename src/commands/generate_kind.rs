//! `garden6 generate kind`: the kind configuration of an environment, for use with plain kind.

use std::path::PathBuf;

use semver::Version;

use super::{Context, refusal::refused, store};
use crate::{
    config::{BackendKind, EnvironmentRequest},
    exit::Exit,
    failure::Failure,
    fsutil,
    generate::kind::{CgroupVersion, ClusterPlan, PlanOptions, render},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// What was asked for.
    pub environment: EnvironmentRequest,
    /// The Kubernetes version of the node image, where it is known.
    pub kubernetes: Option<Version>,
    /// The control groups of the machine that runs the nodes.
    pub cgroups: CgroupVersion,
    /// The file to write; standard output without one.
    pub out: Option<PathBuf>,
}

/// Writes the configuration.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let environment = request
        .environment
        .resolve(BackendKind::Kind)
        .map_err(refused)?;
    let plan = ClusterPlan::new(
        &environment.plan,
        PlanOptions {
            name: environment.name.to_string(),
            workers: environment.workers,
            image: environment.node_image.clone(),
            kubernetes: request.kubernetes.clone(),
            cgroups: request.cgroups,
            set_registry_path: true,
        },
    );
    let document = render(&plan).map_err(Failure::internal)?;
    match &request.out {
        Some(path) => {
            fsutil::write_atomic(path, document.text.as_bytes(), 0o644).map_err(store::file)?;
        }
        None => context.ui.data(&document.text)?,
    }
    Ok(Exit::Success)
}
