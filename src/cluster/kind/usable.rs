//! Whether a kind environment can be expected to come up here, found out without changing anything.

use std::time::Duration;

use super::{Engine, KindBackend, KindError, program::KindProgram};
use crate::config::Environment;

/// Where kind's own node images are.
const DEFAULT_IMAGE_REGISTRY: &str = "registry-1.docker.io:443";
/// How long a registry may take to answer before it counts as out of reach.
const REACH: Duration = Duration::from_secs(2);

impl KindBackend {
    /// Says what was found where Docker Engine, the kind program and a node image are usable.
    ///
    /// # Errors
    ///
    /// The first of them that is not.
    pub async fn usable(&self, environment: &Environment) -> Result<String, KindError> {
        let engine = Engine::connect(self.docker_host()).await?;
        let (version, _) = engine.facts().await?;
        let program = KindProgram::find(
            environment.kind_binary.as_deref(),
            &environment.docker_network,
            self.docker_host(),
        )?;
        let kind = program.version().await?;
        let image = match &environment.node_image {
            Some(image) if engine.image(image).await?.is_some() => format!("{image} is here"),
            _ if reaches(DEFAULT_IMAGE_REGISTRY).await => "node images can be pulled".to_owned(),
            wanted => {
                return Err(KindError::NoNodeImage {
                    wanted: wanted.clone(),
                    registry: DEFAULT_IMAGE_REGISTRY,
                });
            }
        };
        Ok(format!("Docker Engine {version}, {kind}, {image}"))
    }
}

async fn reaches(registry: &str) -> bool {
    let connect = tokio::net::TcpStream::connect(registry);
    matches!(tokio::time::timeout(REACH, connect).await, Ok(Ok(_)))
}
