//! Upstream's calico manifest is patched for the families and can be applied as a whole.

use std::path::PathBuf;

use garden6::{
    cluster::{
        apply::{UnknownKind, apply},
        embedded::{ControlPlane, ControlPlaneOptions},
    },
    config::{BackendKind, EnvironmentRequest},
    generate::{
        Plan, PlanSettings,
        calico::{self, Encapsulation, Settings, felix_configuration, render},
    },
    ipam::AddressPlan,
    progress::Progress,
};
use k8s_openapi::api::{
    apps::v1::DaemonSet,
    core::v1::{ConfigMap, EnvVar},
};
use kube::Api;
use serde_json::Value;

/// The manifest of the release the patches were written for, if the real inputs are there.
fn manifest() -> Option<(String, String)> {
    let folder = std::env::var_os("GARDEN6_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("calico/calico-v3.32.1.yaml");
    let text = std::fs::read_to_string(&path).ok()?;
    Some((text, path.display().to_string()))
}

fn rendered(families: &str) -> Option<Vec<Value>> {
    let (text, origin) = manifest()?;
    let plan = AddressPlan::default_for(families.parse().expect("families"));
    let settings = Settings::for_local_cluster(&plan);
    Some(render(&text, &origin, &settings).expect("upstream's manifest has every place to patch"))
}

fn node_env(set: &DaemonSet) -> Vec<EnvVar> {
    let template = &set.spec.template;
    let pod = template.spec.as_ref().expect("a template has a spec");
    pod.containers
        .iter()
        .find(|container| container.name == "calico-node")
        .and_then(|container| container.env.clone())
        .expect("calico-node has an environment")
}

#[test]
fn every_other_object_of_upstream_s_manifest_is_unchanged() {
    let Some((text, origin)) = manifest() else {
        println!("skipped: no real inputs, set GARDEN6_DATA");
        return;
    };
    let before = garden6::yaml::documents(&text, &origin).expect("the manifest is YAML");
    let after = rendered("ipv6").expect("the manifest was there a moment ago");
    let changed: Vec<String> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before.value != **after)
        .map(|(_, after)| format!("{} {}", after["kind"], after["metadata"]["name"]))
        .collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(
        changed,
        [
            r#""ConfigMap" "calico-config""#,
            r#""DaemonSet" "calico-node""#
        ]
    );
}

#[test]
fn upstream_s_manifest_has_every_place_to_patch_for_every_family_and_encapsulation() {
    let Some((text, origin)) = manifest() else {
        println!("skipped: no real inputs, set GARDEN6_DATA");
        return;
    };
    for families in ["ipv6", "ipv6,ipv4", "ipv4,ipv6", "ipv4"] {
        for encapsulation in [Encapsulation::None, Encapsulation::Vxlan] {
            let request = EnvironmentRequest {
                families: Some(families.parse().expect("families")),
                ..EnvironmentRequest::default()
            };
            let environment = request.resolve(BackendKind::Kind).expect("it resolves");
            let settings = PlanSettings {
                encapsulation,
                ..PlanSettings::default()
            };
            let plan = Plan::new(environment, settings).expect("it is a plan");
            let patched = calico::manifest(&plan, &text, &origin).expect("every place is there");
            let asks_bird = patched.contains("-bird-ready");
            assert_eq!(
                asks_bird,
                encapsulation == Encapsulation::None,
                "{families}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rendered_manifest_applies_twice_and_reads_back() {
    let Some(mut objects) = rendered("ipv6") else {
        println!("skipped: no real inputs, set GARDEN6_DATA");
        return;
    };
    objects.push(felix_configuration());
    let control_plane = ControlPlane::start(ControlPlaneOptions::default())
        .await
        .expect("the control plane starts");
    let client = control_plane.client();
    let step = Progress::silent().step("calico");
    let mut left_out = Vec::new();
    for _ in 0..2 {
        left_out = apply(&client, &objects, |_| UnknownKind::LeaveOut, &step)
            .await
            .expect("every object applies");
    }
    assert!(
        left_out
            .iter()
            .all(|name| name.starts_with("PodDisruptionBudget ")),
        "{left_out:?}"
    );
    step.done("applied");

    let sets: Api<DaemonSet> = Api::namespaced(client.clone(), "kube-system");
    let env = node_env(
        &sets
            .get("calico-node")
            .await
            .expect("the DaemonSet is there"),
    );
    let value = |name: &str| {
        let found: Vec<&EnvVar> = env
            .iter()
            .filter(|variable| variable.name == name)
            .collect();
        assert!(found.len() <= 1, "{name} is there {} times", found.len());
        found.first().and_then(|variable| variable.value.clone())
    };
    assert_eq!(value("IP").as_deref(), Some("none"));
    assert_eq!(value("IP6").as_deref(), Some("autodetect"));
    assert_eq!(value("FELIX_IPV6SUPPORT").as_deref(), Some("true"));
    assert_eq!(
        value("CALICO_IPV6POOL_CIDR").as_deref(),
        Some("fd00:10:1::/56")
    );
    let maps: Api<ConfigMap> = Api::namespaced(client, "kube-system");
    let config = maps
        .get("calico-config")
        .await
        .expect("the ConfigMap is there");
    let network = &config.data.expect("it has data")["cni_network_config"];
    assert!(network.contains(r#""assign_ipv6": "true""#), "{network}");
    control_plane.shutdown().await;
}
