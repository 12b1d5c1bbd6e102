//! The stack inside a kind cluster: its image comes from this very program, through the registry
//! that the nodes pull from.

use super::backends;
use crate::{
    cluster::{Cluster, kind},
    config::Environment,
    failure::Failure,
    progress::Progress,
    stack,
};

/// Pushes this program as an image and runs the controllers from it, until they are ready.
pub(super) async fn start_stack(
    environment: &Environment,
    cluster: &Cluster,
    progress: &Progress,
) -> Result<(), Failure> {
    let image = kind::publish_own_image(environment, progress)
        .await
        .map_err(backends::failure)?;
    let options = stack::Options::for_environment(environment);
    stack::deploy(&cluster.client, &options, &image.to_string(), progress)
        .await
        .map_err(Failure::environment)
}
