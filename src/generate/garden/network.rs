//! What the networking extension is asked for.

use serde_json::json;

use super::{CONTROL_PLANE_NAMESPACE, LOCAL, expressible, render, shoot::provider_config};
use crate::{
    api::{families::to_list, validation::Rules},
    generate::{GenerateError, Plan, Templates, templates},
    net::IpFamily,
};

/// The Network of the Shoot as a manifest. Of a dual-stack Shoot it names the IPv4 ranges, as
/// today's Gardener does; the rules of the GEP want the primary family there.
pub fn network(plan: &Plan, rules: &Rules, templates: &Templates) -> Result<String, GenerateError> {
    let addresses = &plan.environment.plan;
    let families = expressible(addresses.families, rules)?;
    let named = if families.is_dual() && !rules.is_gep21() {
        IpFamily::V4
    } else {
        families.primary()
    };
    let ranges = addresses.of(named);
    let ipv6 = families.contains(IpFamily::V6);
    let mut spec = json!({
        "type": "calico",
        "ipFamilies": to_list(families),
        "podCIDR": ranges.shoot_pods,
        "serviceCIDR": ranges.shoot_services,
    });
    if ipv6 {
        spec["providerConfig"] = provider_config();
    }
    let expected = json!({
        "apiVersion": "extensions.gardener.cloud/v1alpha1",
        "kind": "Network",
        "metadata": {"name": LOCAL, "namespace": CONTROL_PLANE_NAMESPACE},
        "spec": spec,
    });
    let data = json!({
        "name": LOCAL,
        "namespace": CONTROL_PLANE_NAMESPACE,
        "families": to_list(families),
        "pods": ranges.shoot_pods,
        "services": ranges.shoot_services,
        "ipv6": ipv6,
    });
    render(templates, templates::NETWORK, &data, &expected)
}
