//! Manifests of the garden before the admission that is going to judge them.

use serde_json::{Value, json};

use crate::{
    api::{core::Seed, validation::Rules},
    exit::Exit,
    failure::Failure,
    generate::{Artifact, Plan, garden},
    stack::admission::{self, Operation, Refusal},
    yaml,
};

/// Whether admission has a say about a file.
pub(super) fn is_judged(artifact: &Artifact) -> bool {
    ["shoot.yaml", "seed.yaml", "network.yaml"]
        .iter()
        .any(|name| artifact.path.ends_with(name))
}

/// Makes sure that admission takes a manifest, and that it takes a Shoot on the Seed of the plan.
pub(super) fn review(plan: &Plan, rules: &Rules, artifact: &Artifact) -> Result<(), Failure> {
    let mut object: Value =
        yaml::parse(&artifact.content, &artifact.path).map_err(Failure::internal)?;
    judge(&object, None, rules, artifact)?;
    if object["kind"] != "Shoot" {
        return Ok(());
    }
    let addresses = &plan.environment.plan;
    let families = garden::expressible(addresses.families, rules).map_err(super::failure)?;
    let zones = plan.zone_names();
    let seed = garden::seed(addresses, families, garden::INTERNAL_DOMAIN, &zones);
    object["spec"]["seedName"] = json!(garden::LOCAL);
    judge(&object, Some(&seed), rules, artifact)
}

fn judge(
    object: &Value,
    seed: Option<&Seed>,
    rules: &Rules,
    artifact: &Artifact,
) -> Result<(), Failure> {
    let request = admission::Request {
        operation: Operation::Create,
        subresource: None,
        object,
        old: None,
    };
    let reason = match admission::review(&request, seed, rules, || [0; 5]) {
        Ok(_) => return Ok(()),
        Err(Refusal::Fields { errors, .. }) => {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            texts.join("; ")
        }
        Err(other) => other.to_string(),
    };
    Err(Failure::new(
        Exit::Failure,
        format!(
            "the API profile {} would refuse {}: {reason}",
            rules.profile, artifact.path
        ),
    )
    .hint("other ranges or another `--api-profile` may fit"))
}
