//! Everything that can be known to fail before the first change.

use std::{collections::HashMap, net::SocketAddr};

use semver::Version;

use super::{Engine, KindError, OWNER_LABEL, program::KindProgram, registry::RegistryContainer};
use crate::{
    config::Environment,
    generate::{REGISTRY_CONFIG_PATH, kind::CgroupVersion},
    progress::Progress,
};

/// What the checks found out on the way.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) engine: Engine,
    pub(super) program: KindProgram,
    pub(super) cgroups: CgroupVersion,
}

/// What a node image says about itself.
#[derive(Debug, Default)]
pub(super) struct NodeImage {
    pub(super) kubernetes: Option<Version>,
    pub(super) set_registry_path: bool,
}

/// Checks engine, programs, images and ports.
pub(super) async fn check(
    environment: &Environment,
    docker_host: Option<&str>,
    progress: &Progress,
) -> Result<Host, KindError> {
    let step = progress.step("Docker Engine and kind");
    let engine = Engine::connect(docker_host).await?;
    let (version, cgroups) = engine.facts().await?;
    step.detail(format!("engine {version} on {}", engine.host()));
    let program = KindProgram::find(
        environment.kind_binary.as_deref(),
        &environment.docker_network,
        docker_host,
    )?;
    let kind = program.version().await?;
    step.detail(format!("{kind} at {}", program.path().display()));
    if let Some(image) = &environment.node_image {
        engine.require_image(image, "node", &step).await?;
    }
    engine
        .require_image(&environment.registry.image, "registry", &step)
        .await?;
    let registry = RegistryContainer::new(environment);
    if engine.container(&registry.name()).await?.is_none() {
        port_is_free(registry.published(), "registry")?;
    }
    step.done(format!("engine {version}, {kind}"));
    Ok(Host {
        engine,
        program,
        cgroups,
    })
}

/// A port that can be bound is free; the engine's proxy would find out much later.
fn port_is_free(address: SocketAddr, purpose: &'static str) -> Result<(), KindError> {
    std::net::TcpListener::bind(address)
        .map(drop)
        .map_err(|source| KindError::PortTaken {
            address,
            purpose,
            source,
        })
}

/// Asks a node image for its Kubernetes version and for containerd's settings.
///
/// Without an image of the user's the kind binary brings its own, which is recent: nothing has to be known.
pub(super) async fn look_at_node_image(
    environment: &Environment,
    engine: &Engine,
) -> Result<NodeImage, KindError> {
    let Some(image) = &environment.node_image else {
        return Ok(NodeImage {
            kubernetes: None,
            set_registry_path: false,
        });
    };
    let labels = || HashMap::from([(OWNER_LABEL.to_owned(), environment.name.to_string())]);
    let (version, settings) = tokio::try_join!(
        engine.file_of_image(image, "/kind/version", labels()),
        engine.file_of_image(image, "/etc/containerd/config.toml", labels()),
    )?;
    Ok(NodeImage {
        kubernetes: version.as_deref().and_then(kubernetes_version),
        set_registry_path: !settings.is_some_and(|text| text.contains(REGISTRY_CONFIG_PATH)),
    })
}

fn kubernetes_version(text: &str) -> Option<Version> {
    Version::parse(text.trim().trim_start_matches('v')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named() {
        let listener = std::net::TcpListener::bind("[::1]:0").unwrap();
        let error = port_is_free(listener.local_addr().unwrap(), "registry").unwrap_err();
        let expected = format!(
            "{} is in use, but the registry needs it",
            listener.local_addr().unwrap()
        );
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn versions_are_read_as_node_images_write_them() {
        assert_eq!(
            kubernetes_version("v1.20.2\n"),
            Some(Version::new(1, 20, 2))
        );
        assert_eq!(kubernetes_version("rubbish"), None);
    }
}
