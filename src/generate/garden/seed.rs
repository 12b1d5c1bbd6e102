//! The Seed: the local cluster as a host of control planes.

use kube::ResourceExt as _;
use serde_json::{Value, json};

use super::{GARDEN_NAMESPACE, INTERNAL_DOMAIN, LOCAL, expressible, render};
use crate::{
    api::{core::Seed, families::to_list, validation::Rules},
    generate::{GenerateError, Plan, Templates, templates},
    ipam::AddressPlan,
    net::{Families, IpFamily},
};

/// What a Seed has that is no business of the plan's.
const INGRESS: &str = "ingress.local.seed.local.gardener.cloud";

/// The Seed with the networks of a plan, listing `families`. A dual-stack Seed carries the ranges of the
/// primary family.
pub fn seed(
    plan: &AddressPlan,
    families: Families,
    internal_domain: &str,
    zones: &[String],
) -> Seed {
    let ranges = plan.of(families.primary());
    let spec = json!({
        "provider": {"type": LOCAL, "region": LOCAL, "zones": zones},
        "networks": {
            "nodes": ranges.docker,
            "pods": ranges.pod_pool,
            "services": ranges.services,
            "shootDefaults": {"pods": ranges.shoot_pods, "services": ranges.shoot_services},
            "ipFamilies": to_list(families),
            "blockCIDRs": block_cidrs(families),
        },
        "dns": {"provider": {"type": LOCAL, "secretRef": {
            "name": format!("internal-domain-{}", internal_domain.replace('.', "-")),
            "namespace": GARDEN_NAMESPACE,
        }}},
        "ingress": {"domain": INGRESS},
    });
    let spec = serde_json::from_value(spec).expect("invariant: the specification fits its type");
    let mut seed = Seed::new(LOCAL, spec);
    let role = ("gardener.cloud/role".to_owned(), "seed".to_owned());
    seed.labels_mut().extend([role]);
    seed
}

/// The metadata services of clouds, which no control plane has any business with (GEP-21).
pub fn block_cidrs(families: Families) -> Vec<String> {
    families
        .iter()
        .map(|family| match family {
            IpFamily::V4 => "169.254.169.254/32".to_owned(),
            IpFamily::V6 => "fd00:ec2::254/128".to_owned(),
        })
        .collect()
}

/// The Seed of a plan as a manifest.
pub fn seed_manifest(
    plan: &Plan,
    rules: &Rules,
    templates: &Templates,
) -> Result<String, GenerateError> {
    let families = expressible(plan.environment.plan.families, rules)?;
    let seed = seed(
        &plan.environment.plan,
        families,
        INTERNAL_DOMAIN,
        &plan.zone_names(),
    );
    let expected = serde_json::to_value(&seed).expect("API objects have a JSON form");
    let networks = &expected["spec"]["networks"];
    let data: Value = json!({
        "name": LOCAL,
        "zones": expected["spec"]["provider"]["zones"],
        "families": networks["ipFamilies"],
        "nodes": networks["nodes"],
        "pods": networks["pods"],
        "services": networks["services"],
        "shoot_pods": networks["shootDefaults"]["pods"],
        "shoot_services": networks["shootDefaults"]["services"],
        "blocked": networks["blockCIDRs"],
        "secret": expected["spec"]["dns"]["provider"]["secretRef"]["name"],
        "ingress": INGRESS,
    });
    render(templates, templates::SEED, &data, &expected)
}
