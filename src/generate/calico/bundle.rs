//! The patched manifest and calico's own resources as files.

use serde_json::Value;

use super::{Settings, felix_configuration, ip_pools, render};
use crate::generate::{GenerateError, Plan, stream::stream};

/// Calico's manifest, patched for a plan. `origin` names the text in errors.
///
/// # Errors
///
/// A text that is no YAML, a manifest that lacks one of the places to patch, or a result that does not say what the
/// settings say.
pub fn manifest(plan: &Plan, text: &str, origin: &str) -> Result<String, GenerateError> {
    let addresses = &plan.environment.plan;
    let settings = Settings::new(addresses, plan.settings().encapsulation);
    let objects = render(text, origin, &settings)?;
    verify(&objects, &settings)?;
    let comment = format!(
        "Calico as its authors published it, patched for {}.",
        addresses.families
    );
    stream("calico manifest", &comment, &objects)
}

/// Address pools and Felix, which can be applied once the definitions of the manifest are there.
///
/// # Errors
///
/// Objects that do not survive being written.
pub fn resources(plan: &Plan) -> Result<String, GenerateError> {
    let mut objects = ip_pools(&plan.environment.plan, plan.settings().encapsulation);
    objects.push(felix_configuration());
    stream(
        "calico resources",
        "Calico's address pools and Felix; apply them after the manifest.",
        &objects,
    )
}

/// Looks for every setting in the environment of calico-node.
fn verify(objects: &[Value], settings: &Settings) -> Result<(), GenerateError> {
    let differs = |part: &str| GenerateError::Differs {
        document: "calico manifest",
        part: part.to_owned(),
    };
    let env: Vec<&Value> = objects
        .iter()
        .filter(|object| object["kind"] == "DaemonSet")
        .filter_map(|object| object.pointer("/spec/template/spec/containers")?.as_array())
        .flatten()
        .filter(|container| container["name"] == "calico-node")
        .filter_map(|container| container["env"].as_array())
        .flatten()
        .collect();
    for (name, value) in &settings.env {
        let stated: Vec<_> = env
            .iter()
            .filter(|variable| variable["name"] == *name)
            .collect();
        if !matches!(stated.as_slice(), [variable] if variable["value"] == value.as_str()) {
            return Err(differs(name));
        }
    }
    for name in &settings.absent {
        if env.iter().any(|variable| variable["name"] == *name) {
            return Err(differs(name));
        }
    }
    Ok(())
}
