//! Shoots computed from the plan, and waiting for them.

use kube::{Api, api::DynamicObject};
use serde_json::{Value, json};

use super::{CLUSTER, NAMESPACE, SHOOT, owned_text, text};
use crate::{
    e2e::{CaseResult, Context, Look, Target, TimeoutClass, check},
    net::{Families, IpFamily},
};

/// The families that a Shoot can have in an environment: those of the environment, or the primary
/// one where the rules know no dual-stack.
pub(in crate::e2e) fn shoot_families(target: &Target) -> Families {
    let families = target.families();
    if families.is_dual() && !target.profile.allows_dual_stack(&target.gates) {
        Families::single(families.primary())
    } else {
        families
    }
}

/// Families as manifests name them.
pub(in crate::e2e) fn family_names(families: Families) -> Vec<String> {
    families.iter().map(|family| family.to_string()).collect()
}

/// A Shoot of one pool with one machine, of the families of the environment. Pods and services are
/// left to the Seed's defaults; provider-local insists on nodes.
pub(in crate::e2e) fn shoot(context: &Context, name: &str) -> Value {
    let families = shoot_families(context.target());
    let nodes = context.plan().of(families.primary()).shoot_nodes;
    let mut networking = json!({
        "type": "calico",
        "ipFamilies": family_names(families),
        "nodes": nodes,
    });
    if families.contains(IpFamily::V6) {
        networking["providerConfig"] = json!({
            "apiVersion": "calico.networking.extensions.gardener.cloud/v1alpha1",
            "kind": "NetworkConfig",
            "ipv6": {"sourceNATEnabled": true},
        });
    }
    json!({
        "metadata": {"name": name},
        "spec": {
            "cloudProfile": {"name": "local"},
            "region": "local",
            "networking": networking,
            "kubernetes": {"version": "1.34.0"},
            "provider": {
                "type": "local",
                "workers": [{
                    "name": "pool",
                    "machine": {"type": "local"},
                    "cri": {"name": "containerd"},
                    "minimum": 1,
                    "maximum": 1,
                }],
            },
        },
    })
}

/// A Shoot that is a control plane only.
pub(in crate::e2e) fn workerless_shoot(context: &Context, name: &str) -> Value {
    let families = shoot_families(context.target());
    json!({
        "metadata": {"name": name},
        "spec": {
            "cloudProfile": {"name": "local"},
            "region": "local",
            "networking": {
                "ipFamilies": family_names(families),
                "services": context.plan().of(families.primary()).shoot_services,
            },
            "kubernetes": {"version": "1.34.0"},
            "provider": {"type": "local"},
        },
    })
}

/// The primary ranges of a Shoot that leaves pods and services to the Seed's defaults.
pub(in crate::e2e) fn expected_ranges(
    context: &Context,
    families: Families,
) -> [(&'static str, String); 3] {
    let plan = context.plan().of(families.primary());
    [
        ("nodes", plan.shoot_nodes.to_string()),
        ("pods", plan.shoot_pods.to_string()),
        ("services", plan.shoot_services.to_string()),
    ]
}

impl Context {
    /// Waits until the last operation on a Shoot succeeded and all its conditions are true.
    /// Returns the Shoot.
    pub(in crate::e2e) async fn shoot_ready(&self, name: &str) -> CaseResult<Value> {
        self.shoot_ready_at(&self.namespaced(&SHOOT), name).await
    }

    /// The same for a Shoot in another namespace.
    pub(in crate::e2e) async fn shoot_ready_at(
        &self,
        api: &Api<DynamicObject>,
        name: &str,
    ) -> CaseResult<Value> {
        let subject = format!("Shoot {name} is ready");
        self.eventually(&subject, TimeoutClass::ShootUp, || async {
            let Some(found) = api.get_opt(name).await? else {
                return Ok(Look::Hopeless("the Shoot is gone".to_owned()));
            };
            let shoot = serde_json::to_value(&found).unwrap_or_default();
            // The namespace of the control plane tells most when this fails.
            if let Some(namespace) = text(&shoot, "/status/technicalID") {
                self.relate(namespace);
            }
            let (ready, state) = readiness(&shoot);
            Ok(Look::when(ready, shoot, || state))
        })
        .await
    }

    /// Makes a Shoot and waits until it is ready. Returns it and its control plane namespace.
    pub(in crate::e2e) async fn ready_shoot(&self, name: &str) -> CaseResult<(Value, String)> {
        self.arrange(&format!("make Shoot {name} and wait until it is ready"));
        self.create(&SHOOT, shoot(self, name)).await?;
        let ready = self.shoot_ready(name).await?;
        let namespace = owned_text(&ready, "/status/technicalID")?;
        Ok((ready, namespace))
    }

    /// Deletes a Shoot and asserts that nothing of it is left: object, namespace, Cluster.
    pub(in crate::e2e) async fn shoot_gone(&self, name: &str, shoot: &Value) -> CaseResult {
        let namespace = owned_text(shoot, "/status/technicalID")?;
        self.remove(&self.namespaced(&SHOOT), name, TimeoutClass::ShootUp)
            .await?;
        let namespaces = self.everywhere(&NAMESPACE);
        let clusters = self.everywhere(&CLUSTER);
        check::that(
            namespaces.get_opt(&namespace).await?.is_none(),
            format!("namespace {namespace} after the Shoot"),
            "gone",
            "still there",
        )?;
        check::that(
            clusters.get_opt(&namespace).await?.is_none(),
            format!("Cluster {namespace} after the Shoot"),
            "gone",
            "still there",
        )
    }
}

/// Whether a Shoot is ready, and how it is in words.
fn readiness(shoot: &Value) -> (bool, String) {
    let Some(last) = shoot.pointer("/status/lastOperation") else {
        return (false, "no operation yet".to_owned());
    };
    let generation = &shoot["metadata"]["generation"];
    let observed = &shoot["status"]["observedGeneration"];
    let conditions = shoot
        .pointer("/status/conditions")
        .and_then(Value::as_array);
    let bad: Vec<String> = conditions
        .into_iter()
        .flatten()
        .filter(|condition| condition["status"] != "True")
        .map(|condition| {
            format!(
                "{} is {}: {}",
                condition["type"].as_str().unwrap_or("?"),
                condition["status"].as_str().unwrap_or("?"),
                condition["message"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let state = last["state"].as_str().unwrap_or("?");
    let ready = state == "Succeeded"
        && bad.is_empty()
        && conditions.is_some_and(|list| !list.is_empty())
        && generation == observed;
    let words = format!(
        "{} {state}, {} %: {}{}{}",
        last["type"].as_str().unwrap_or("?"),
        last["progress"],
        last["description"].as_str().unwrap_or_default(),
        if bad.is_empty() { "" } else { "; " },
        bad.join("; ")
    );
    (ready, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shoot_is_ready_only_when_everything_says_so() {
        let ready = json!({
            "metadata": {"generation": 2},
            "status": {
                "observedGeneration": 2,
                "lastOperation": {"type": "Create", "state": "Succeeded", "progress": 100},
                "conditions": [{"type": "A", "status": "True"}],
            },
        });
        assert!(readiness(&ready).0);
        for (place, value) in [
            ("/status/observedGeneration", json!(1)),
            ("/status/lastOperation/state", json!("Processing")),
            ("/status/conditions", json!([])),
            ("/status/conditions/0/status", json!("False")),
        ] {
            let mut other = ready.clone();
            super::super::set(&mut other, place, value);
            assert!(!readiness(&other).0, "{place}");
        }
        assert!(!readiness(&json!({})).0);
    }
}
