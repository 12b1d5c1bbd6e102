//! Everything that can be known to fail before the first change.

use std::{collections::HashMap, net::SocketAddr};

use semver::Version;

use super::{
    Engine, KindError, OWNER_LABEL, host_routes, network, program::KindProgram,
    registry::RegistryContainer,
};
use crate::{
    config::{Environment, Finding, Severity, check, check::Versions, finding},
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
    let versions = Versions {
        kubernetes: None,
        kind: kind_version(&kind),
        engine: Version::parse(&version).ok(),
    };
    let mut findings = check::versions(environment.plan.families, &versions);
    findings.extend(check::addresses(
        &environment.plan,
        u16::from(environment.workers) + 1,
    ));
    findings.extend(routes_in_the_way(environment, &engine).await?);
    refuse(&findings, progress)?;
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

/// Warns of what the user should know, and refuses what cannot work.
fn refuse(findings: &[Finding], progress: &Progress) -> Result<(), KindError> {
    for finding in findings {
        if finding.severity == Severity::Warning {
            progress.warn(format!("{finding}; {}", finding.fix));
        }
    }
    let findings = finding::errors(findings);
    if findings.is_empty() {
        return Ok(());
    }
    Err(KindError::Plan { findings })
}

/// Routes of this host that the plan collides with. Once the network is there the route to it is
/// its own; and a remote engine has routes that cannot be seen from here.
async fn routes_in_the_way(
    environment: &Environment,
    engine: &Engine,
) -> Result<Vec<Finding>, KindError> {
    let networks = engine.networks().await?;
    let is_there = networks
        .iter()
        .any(|network| network.name.as_ref() == Some(&environment.docker_network));
    if is_there || !engine.is_local() {
        return Ok(Vec::new());
    }
    let bridged: Vec<_> = networks
        .iter()
        .flat_map(|network| network::prefixes(network.ipam.as_ref()))
        .collect();
    let routes = host_routes::read();
    Ok(check::routes(&environment.plan, &routes, &bridged))
}

/// Reads `kind v0.33.0-alpha+abc go1.25.1 linux/amd64`.
fn kind_version(text: &str) -> Option<Version> {
    let word = text.split_whitespace().nth(1)?;
    Version::parse(word.trim_start_matches('v')).ok()
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
    let kubernetes = version.as_deref().and_then(kubernetes_version);
    let versions = Versions {
        kubernetes: kubernetes.clone(),
        ..Versions::default()
    };
    let findings = check::versions(environment.plan.families, &versions);
    if !findings.is_empty() {
        return Err(KindError::Plan { findings });
    }
    Ok(NodeImage {
        kubernetes,
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
    fn the_version_of_kind_is_the_second_word() {
        let text = "kind v0.33.0-alpha+1a2b3c go1.25.1 linux/amd64";
        let version = kind_version(text).unwrap();
        assert_eq!((version.major, version.minor), (0, 33));
        assert_eq!(kind_version("kind"), None);
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
