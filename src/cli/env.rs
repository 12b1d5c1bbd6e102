//! Every environment variable that garden6 reads, by name.

use crate::doctor::{
    facts::{EnvironmentVariables, keys},
    live::endpoint::{DEFAULT_CONTEXT, Settings, client_folder},
};

/// Folder of all state; default is `garden6` in the user's XDG state folder.
pub(super) const STATE_DIR: &str = "GARDEN6_STATE_DIR";
/// Name of the environment.
pub(super) const NAME: &str = "GARDEN6_NAME";
/// File with settings of the environment.
pub(super) const CONFIG: &str = "GARDEN6_CONFIG";
/// What makes the cluster.
pub(super) const BACKEND: &str = "GARDEN6_BACKEND";
/// IP families.
pub(super) const IP_FAMILY: &str = "GARDEN6_IP_FAMILY";
/// What connects pods.
pub(super) const CNI: &str = "GARDEN6_CNI";
/// Node image of a kind cluster.
pub(super) const NODE_IMAGE: &str = "GARDEN6_NODE_IMAGE";
/// The kind program.
pub(super) const KIND: &str = "GARDEN6_KIND";
/// Image of the local registry.
pub(super) const REGISTRY_IMAGE: &str = "GARDEN6_REGISTRY_IMAGE";
/// Where Docker Engine listens; Docker's own variable.
pub(super) const DOCKER_HOST: &str = "DOCKER_HOST";
/// Folder of Docker's `config.json`; Docker's own variable.
pub(super) const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// File with credentials of registries; Podman's variable.
pub(super) const REGISTRY_AUTH_FILE: &str = "REGISTRY_AUTH_FILE";
/// Folder for what lives as long as a session; Podman keeps credentials there.
pub(super) const XDG_RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";
/// Folder for reports and artifacts; Prow sets it.
pub(super) const ARTIFACTS: &str = "ARTIFACTS";
/// Image vector that overwrites another; Gardener's own variable.
pub(super) const IMAGE_VECTOR_OVERWRITE: &str = "IMAGEVECTOR_OVERWRITE";
/// Overwrites of components with vectors of their own; Gardener's own variable.
pub(super) const COMPONENT_OVERWRITES: &str = "IMAGEVECTOR_OVERWRITE_COMPONENTS";
/// Log filter, as in `garden6=debug`.
pub(super) const LOG: &str = "GARDEN6_LOG";

/// Whether a variable is set to something.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty())
}

/// Whether colour is unwanted (<https://no-color.org>).
pub(super) fn no_colour() -> bool {
    is_set("NO_COLOR")
}

/// Whether a CI system runs us.
pub(super) fn ci() -> bool {
    is_set("CI")
}

/// Where the docker client keeps its configuration, if not in the usual place.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(super) fn docker_config() -> Option<String> {
    std::env::var(DOCKER_CONFIG).ok()
}

/// The variables that checks of the host read, and no others.
pub(super) fn of_checks() -> EnvironmentVariables {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let asked = keys::ENV.contains(&name.as_str()) || name.starts_with(keys::KIND_ENV);
            asked.then(|| (name, value.to_string_lossy().into_owned()))
        })
        .collect()
}

/// The engine of the Docker context that is selected; none for the default one. kind asks the
/// docker client, which goes by it, and both have to mean the same engine.
pub(super) fn endpoint_of_context() -> Option<String> {
    let env = of_checks();
    let settings = Settings {
        docker_host: None,
        docker_context: env.get("DOCKER_CONTEXT").cloned(),
        folder: client_folder(docker_config().as_deref(), &env),
    };
    let selected = settings.select(|path| std::fs::read_to_string(path).ok());
    (selected.context != DEFAULT_CONTEXT && selected.exists).then_some(selected.url)
}
