//! The custom resource definitions are good definitions, and Gardener's manifests fit them.

use std::path::PathBuf;

use garden6::{
    api,
    cluster::embedded::schema::{Structural, validate},
    yaml,
};
use serde_json::{Value, json};

/// The schema that an API server would hold a manifest against.
fn schema_of(kind: &str) -> Structural {
    let crd = api::crds()
        .into_iter()
        .find(|crd| crd.spec.names.kind == kind)
        .unwrap_or_else(|| panic!("no definition of {kind}"));
    let schema = serde_json::to_value(&crd.spec.versions[0].schema)
        .expect("a schema has a JSON form")["openAPIV3Schema"]
        .clone();
    Structural::parse(&schema, "schema").unwrap_or_else(|causes| panic!("{kind}: {causes:?}"))
}

/// Asserts that an API server takes a manifest and loses nothing of it.
fn assert_fits(manifest: &Value, origin: &str) {
    let kind = manifest["kind"]
        .as_str()
        .expect("a manifest names its kind");
    let schema = schema_of(kind);
    let causes = validate(&schema, manifest, "");
    assert!(causes.is_empty(), "{origin}: {causes:?}");
    let mut stored = manifest.clone();
    schema.prune(&mut stored);
    assert_eq!(&stored, manifest, "{origin} lost something");
    schema.apply_defaults(&mut stored);
    assert_eq!(&stored, manifest, "{origin} gained something");
}

#[test]
fn every_definition_is_structural() {
    for crd in api::crds() {
        schema_of(&crd.spec.names.kind);
    }
}

#[test]
fn fields_that_are_not_modelled_are_kept_at_every_level() {
    assert_fits(
        &json!({
            "apiVersion": "core.gardener.cloud/v1beta1",
            "kind": "Shoot",
            "metadata": {"name": "local", "namespace": "garden-local"},
            "spec": {
                "addons": {"nginxIngress": {"enabled": true}},
                "maintenance": {"autoUpdate": {"kubernetesVersion": true}},
                "networking": {
                    "type": "calico",
                    "ipFamilies": ["IPv6"],
                    "providerConfig": {"ipv6": {"sourceNATEnabled": true}},
                },
                "kubernetes": {
                    "kubeAPIServer": {"requests": {"maxInflight": 100}},
                    "kubelet": {"registryPullQPS": 10},
                },
                "provider": {
                    "type": "local",
                    "workers": [{
                        "name": "local",
                        "machine": {"type": "local", "image": {"name": "local"}},
                        "cri": {"name": "containerd"},
                        "maxSurge": 1,
                        "maxUnavailable": "10%",
                    }],
                },
            },
            "status": {
                "gardener": {"id": "x", "name": "y", "version": "v1.85.0"},
                "uid": "1234",
            },
        }),
        "Shoot with much",
    );
    assert_fits(
        &json!({
            "apiVersion": "extensions.gardener.cloud/v1alpha1",
            "kind": "Cluster",
            "metadata": {"name": "shoot--local--local"},
            "spec": {
                "cloudProfile": {"kind": "CloudProfile", "spec": {"type": "local"}},
                "seed": {"kind": "Seed", "spec": {}},
                "shoot": {"kind": "Shoot", "spec": {"networking": {}}},
            },
        }),
        "Cluster",
    );
}

#[test]
fn the_example_shoots_of_gardener_fit() {
    let folder = std::env::var_os("GARDEN6_DATA")
        .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from)
        .join("gardener");
    if !folder.is_dir() {
        println!("skipped: no real inputs, set GARDEN6_DATA");
        return;
    }
    for name in ["shoot-ipv6.yaml", "shoot.yaml", "shoot-workerless.yaml"] {
        let text = std::fs::read_to_string(folder.join(name)).expect("the example is readable");
        let manifest = yaml::parse(&text, name).expect("the example is YAML");
        assert_fits(&manifest, name);
    }
}
