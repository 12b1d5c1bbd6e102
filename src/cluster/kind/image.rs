//! The image of this program in the registry of an environment.

use super::{KindError, registry::RegistryContainer};
use crate::{
    cluster::ClusterError,
    config::Environment,
    mirror::{
        Endpoint, Existing, ImageRef, MirrorError, RegistryClient,
        own_image::{OwnImage, Pushed},
    },
    progress::Progress,
};

/// Brings the running program to the registry and returns how nodes call it.
///
/// It is built from the program file and its shared libraries alone; a registry that has it is left alone.
///
/// # Errors
///
/// The program cannot become an image (on macOS a Linux build is needed), or the registry refuses.
pub async fn publish_own_image(
    environment: &Environment,
    progress: &Progress,
) -> Result<ImageRef, ClusterError> {
    let step = progress.step("image of garden6");
    let program = std::env::current_exe().map_err(|source| {
        KindError::from(MirrorError::File {
            path: "current program".into(),
            source,
        })
    })?;
    let image =
        tokio::task::spawn_blocking(move || OwnImage::of(&program, env!("CARGO_PKG_VERSION")))
            .await
            .expect("invariant: looking at the program does not panic")
            .map_err(KindError::from)?;
    let published = RegistryContainer::new(environment).published();
    step.detail(format!("pushing over {published}"));
    let client =
        RegistryClient::new(&Endpoint::plain_http(&published.into())).map_err(KindError::from)?;
    let registry = environment.registry.address.to_string();
    let Pushed {
        image,
        existing,
        size,
    } = image
        .push(&client, &registry)
        .await
        .map_err(KindError::from)?;
    step.done(match existing {
        Existing::Found => format!("{image} is there"),
        Existing::Sent | Existing::Mounted => {
            format!("{image} pushed, {} MiB", size / (1024 * 1024))
        }
    });
    Ok(image)
}
