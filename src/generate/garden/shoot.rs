//! A Shoot that fits the environment.

use serde_json::{Value, json};

use super::{LOCAL, PROJECT_NAMESPACE, expressible, render};
use crate::{
    api::{calico, families::to_list, validation::Rules},
    generate::{GenerateError, Plan, Templates, templates},
    ipam::FamilyPlan,
    net::{Cidr, IpFamily},
};

/// A version that the local cloud profile offers.
const KUBERNETES: &str = "1.33.0";

/// The Shoot as a manifest.
///
/// With the GEP's dual-stack outlook the ranges of both families are listed. Today's Gardener has no such
/// lists: there the single fields carry the primary family, and the other one is the provider's matter.
pub fn shoot(plan: &Plan, rules: &Rules, templates: &Templates) -> Result<String, GenerateError> {
    let addresses = &plan.environment.plan;
    let families = expressible(addresses.families, rules)?;
    let primary = addresses.of(families.primary());
    let all = |range: fn(&FamilyPlan) -> Cidr| -> Vec<Cidr> {
        families
            .iter()
            .map(|family| range(addresses.of(family)))
            .collect()
    };
    let lists = if families.is_dual() && rules.has_outlook() {
        vec![
            ("nodesCIDRs", all(|ranges| ranges.shoot_nodes)),
            ("podsCIDRs", all(|ranges| ranges.shoot_pods)),
            ("servicesCIDRs", all(|ranges| ranges.shoot_services)),
        ]
    } else {
        Vec::new()
    };
    let ipv6 = families.contains(IpFamily::V6);
    let mut networking = json!({
        "type": "calico",
        "ipFamilies": to_list(families),
        "nodes": primary.shoot_nodes,
        "pods": primary.shoot_pods,
        "services": primary.shoot_services,
    });
    for (name, ranges) in &lists {
        networking[*name] = json!(ranges);
    }
    if ipv6 {
        networking["providerConfig"] = provider_config();
    }
    let expected = json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {"name": LOCAL, "namespace": PROJECT_NAMESPACE},
        "spec": {
            "kubernetes": {"version": KUBERNETES},
            "networking": networking,
            "provider": {"type": LOCAL},
        },
    });
    let data = json!({
        "name": LOCAL,
        "namespace": PROJECT_NAMESPACE,
        "kubernetes": KUBERNETES,
        "families": to_list(families),
        "nodes": primary.shoot_nodes,
        "pods": primary.shoot_pods,
        "services": primary.shoot_services,
        "lists": lists
            .iter()
            .map(|(name, ranges)| json!({"name": name, "ranges": ranges}))
            .collect::<Vec<_>>(),
        "ipv6": ipv6,
    });
    render(templates, templates::SHOOT, &data, &expected)
}

/// What the networking extension is told where IPv6 is in use.
pub(super) fn provider_config() -> Value {
    json!({
        "apiVersion": calico::API_VERSION,
        "kind": "NetworkConfig",
        "ipv6": {"sourceNATEnabled": true},
    })
}
