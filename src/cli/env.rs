//! Every environment variable that garden6 reads, by name.

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
/// Folder for reports and artifacts; Prow sets it.
pub(super) const ARTIFACTS: &str = "ARTIFACTS";
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
