//! The images that an environment itself is made of.

use crate::{
    clock::{Clock as _, SystemClock},
    cluster::kind::CalicoManifest,
    commands::{Context, kubeconfig, store::Store},
    config::{BackendKind, Cni, EnvironmentName},
    failure::Failure,
    fsutil,
    mirror::{
        inventory::{self, Selection},
        plan::{Origin, Wanted},
    },
};

/// What an environment needs.
pub(super) struct EnvironmentImages {
    /// The images.
    pub(super) wanted: Vec<Wanted>,
    /// What is needed as well, and is not known.
    pub(super) unknown: Vec<String>,
}

/// The images of an environment, as far as they are known without making it.
pub(super) fn images(
    context: &Context,
    name: &EnvironmentName,
) -> Result<EnvironmentImages, Failure> {
    let environment = Store(&context.state_dir)
        .load(name)?
        .ok_or_else(|| kubeconfig::no_environment(name))?;
    let mut found = EnvironmentImages {
        wanted: Vec::new(),
        unknown: Vec::new(),
    };
    if environment.backend == BackendKind::Embedded {
        return Ok(found);
    }
    let file = format!("environment {name}");
    found.push(&environment.registry.image, &file, "local registry")?;
    match &environment.node_image {
        Some(image) => found.push(image, &file, "nodes")?,
        None => found
            .unknown
            .push("which node image the kind program takes by default is not known".to_owned()),
    }
    if let Cni::Calico { manifest } = &environment.cni {
        let cache = context.state_dir.cache();
        let source = CalicoManifest {
            given: manifest.as_deref(),
            cache: &cache,
        };
        let path = source.path();
        match fsutil::read_optional(&path).map_err(Failure::environment)? {
            Some(text) => {
                let origin = path.display().to_string();
                let now = SystemClock.now();
                let images = inventory::read(&text, &origin, &Selection::default(), now);
                found.wanted.extend(images.map_err(Failure::usage)?.images);
            }
            None => found.unknown.push(format!(
                "which images calico has is not known before its manifest is at {}",
                path.display()
            )),
        }
    }
    Ok(found)
}

impl EnvironmentImages {
    fn push(&mut self, image: &str, file: &str, what: &str) -> Result<(), Failure> {
        self.wanted.push(Wanted {
            source: image.parse().map_err(Failure::usage)?,
            destination: None,
            origin: Origin {
                file: file.to_owned(),
                line: None,
                what: what.to_owned(),
            },
        });
        Ok(())
    }
}
