//! Objects that are there to be judged by admission and that no controller will ever work on.

use serde_json::{Value, json};

use super::{set, shoot};
use crate::{
    api::gates::{ApiProfile, FeatureGate},
    e2e::Context,
    net::IpFamily,
};

/// A type of extension that nobody serves.
pub(in crate::e2e) const NOBODY: &str = "e2e-nobody";

/// The families whose single-stack Shoots the environment accepts.
pub(in crate::e2e) fn single_stacks(context: &Context) -> Vec<IpFamily> {
    [IpFamily::V6, IpFamily::V4]
        .into_iter()
        .filter(|family| *family == IpFamily::V4 || accepts_ipv6(context))
        .collect()
}

/// Whether Shoots may be IPv6 here.
pub(in crate::e2e) fn accepts_ipv6(context: &Context) -> bool {
    let target = context.target();
    target.profile == ApiProfile::Upstream || target.gates.enabled(FeatureGate::IPv6SingleStack)
}

/// Whether Shoots may have both families here.
pub(in crate::e2e) fn accepts_dual(context: &Context) -> bool {
    let target = context.target();
    target.profile.allows_dual_stack(&target.gates)
}

/// A Shoot of one family with all ranges of the plan that no controller will ever work on.
pub(in crate::e2e) fn idle_shoot(context: &Context, name: &str, family: IpFamily) -> Value {
    let mut object = shoot(context, name);
    let ranges = context.plan().of(family);
    object["spec"]["networking"] = json!({
        "type": "calico",
        "ipFamilies": [family],
        "nodes": ranges.shoot_nodes,
        "pods": ranges.shoot_pods,
        "services": ranges.shoot_services,
    });
    // The scheduler has no Seed of this provider, so the Shoot stays where it is.
    set(&mut object, "/spec/provider/type", json!(NOBODY));
    object
}

/// A Seed of one family with the ranges of the plan, to be rehearsed only.
pub(in crate::e2e) fn idle_seed(context: &Context, family: IpFamily) -> Value {
    let ranges = context.plan().of(family);
    json!({
        "metadata": {"name": context.unique("e2e")},
        "spec": {
            "provider": {"type": NOBODY, "region": "nowhere"},
            "networks": {
                "ipFamilies": [family],
                "nodes": ranges.docker,
                "pods": ranges.pod_pool,
                "services": ranges.services,
            },
        },
    })
}
