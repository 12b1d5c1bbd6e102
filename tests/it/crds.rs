//! The custom resource definitions are good definitions, and Gardener's manifests fit them.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use garden6::{
    api,
    cluster::embedded::schema::{Structural, validate},
    yaml,
};
use serde_json::{Value, json};

/// The schema that an API server would hold a manifest of each kind against.
static SCHEMAS: LazyLock<BTreeMap<String, Structural>> = LazyLock::new(|| {
    let parse = |(kind, schema): (String, Value)| {
        let parsed = Structural::parse(&schema, "schema");
        let parsed = parsed.unwrap_or_else(|causes| panic!("{kind}: {causes:?}"));
        (kind, parsed)
    };
    documents().map(parse).collect()
});

fn schema_of(kind: &str) -> &'static Structural {
    SCHEMAS
        .get(kind)
        .unwrap_or_else(|| panic!("no definition of {kind}"))
}

/// Asserts that an API server takes a manifest and loses nothing of it.
fn assert_fits(manifest: &Value, origin: &str) {
    let kind = manifest["kind"]
        .as_str()
        .expect("a manifest names its kind");
    let schema = schema_of(kind);
    let causes = validate(schema, manifest, "");
    assert!(causes.is_empty(), "{origin}: {causes:?}");
    let mut stored = manifest.clone();
    schema.prune(&mut stored);
    assert_eq!(&stored, manifest, "{origin} lost something");
}

/// One line per field: what a schema says about it, without the descriptions.
fn listing(path: &str, schema: &Value, lines: &mut Vec<String>) {
    let mut words = vec![schema["type"].as_str().unwrap_or("any").to_owned()];
    for (key, word) in [
        ("x-kubernetes-int-or-string", "int-or-string"),
        ("x-kubernetes-preserve-unknown-fields", "open"),
        ("nullable", "nullable"),
    ] {
        if schema[key] == true {
            words.push(word.to_owned());
        }
    }
    for key in [
        "format",
        "enum",
        "minimum",
        "maximum",
        "default",
        "x-kubernetes-list-type",
        "x-kubernetes-list-map-keys",
        "required",
    ] {
        if let Some(value) = schema.get(key) {
            let key = key.trim_start_matches("x-kubernetes-");
            words.push(format!("{key}={value}"));
        }
    }
    lines.push(format!("{path}: {}", words.join(" ")));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        listing(&format!("{path}.{name}"), property, lines);
    }
    for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[key].is_object() {
            listing(&format!("{path}{mark}"), &schema[key], lines);
        }
    }
}

/// Visits the schema of every field, but not those of list items.
fn fields(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        visit(&path, property);
        fields(&path, property, visit);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            fields(&format!("{path}[]"), &schema[key], visit);
        }
    }
}

fn documents() -> impl Iterator<Item = (String, Value)> {
    api::crds().into_iter().map(|crd| {
        let schema = serde_json::to_value(&crd.spec.versions[0].schema);
        let schema = schema.expect("a schema has a JSON form")["openAPIV3Schema"].clone();
        (crd.spec.names.kind, schema)
    })
}

#[test]
fn what_schemas_say_changes_only_on_purpose() {
    for (kind, schema) in documents() {
        let mut lines = Vec::new();
        listing(&kind, &schema, &mut lines);
        insta::assert_snapshot!(format!("schema_{}", kind.to_lowercase()), lines.join("\n"));
    }
}

#[test]
fn every_field_says_what_it_is_for() {
    for (kind, schema) in documents() {
        fields(&kind, &schema, &mut |path, field| {
            let text = field["description"].as_str().unwrap_or_default();
            assert!(text.split(' ').count() > 1, "{path}: {text:?}");
        });
    }
}

#[test]
fn defaults_are_those_that_gardener_gives_to_every_object() {
    let mut found = Vec::new();
    for (kind, schema) in documents() {
        fields(&kind, &schema, &mut |path, field| {
            if let Some(default) = field.get("default") {
                found.push(format!("{path} {default}"));
            }
        });
    }
    assert_eq!(
        found,
        [
            r#"Seed.spec.networks.ipFamilies ["IPv4"]"#,
            "Shoot.spec.networking {}",
            r#"Shoot.spec.networking.ipFamilies ["IPv4"]"#,
        ]
    );
    let mut shoot = json!({"spec": {}});
    schema_of("Shoot").apply_defaults(&mut shoot);
    assert_eq!(
        shoot,
        json!({"spec": {"networking": {"ipFamilies": ["IPv4"]}}})
    );
}

#[test]
fn a_schema_accepts_what_the_rules_accept() {
    let files = [
        include_str!("../vectors/gardener-validation.yaml"),
        include_str!("../vectors/gardener-validation-more.yaml"),
    ];
    let mut held = 0;
    for text in files {
        let content: Value = yaml::parse(text, "vectors").expect("the vectors are YAML");
        let sections = ["vectors", "outlook"].iter();
        let vectors = sections.filter_map(|section| content[section].as_array());
        for vector in vectors.flatten().filter(|vector| vector["expect"] == "ok") {
            let kind = vector["kind"].as_str().expect("a vector names its kind");
            let mut object = content["baselines"][kind].clone();
            json_patch::merge(&mut object, &vector["new"]);
            let schema = schema_of(kind);
            schema.apply_defaults(&mut object);
            let causes = validate(schema, &object, "");
            assert!(causes.is_empty(), "{}: {causes:?}", vector["id"]);
            held += 1;
        }
    }
    assert!(held > 80, "only {held} vectors were found");
}

#[test]
fn a_tuple_of_the_cloud_draft_is_no_business_of_the_schema() {
    let mut shoot = json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {"name": "local"},
        "spec": {"networking": {
            "nodes": "AUTOv6, 10.255.0.0/16", "pods": "AUTOv6", "services": "10.0.0.0/16,AUTOv6,",
            "ipFamilies": ["IPv6", "IPv4"],
        }},
    });
    assert_fits(&shoot, "AUTOv6");
    shoot["spec"]["networking"]["ipFamilies"] = json!(["IPv7"]);
    let causes = validate(schema_of("Shoot"), &shoot, "");
    let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
    assert_eq!(fields, ["spec.networking.ipFamilies[0]"]);
}

#[test]
fn every_definition_is_structural() {
    assert_eq!(SCHEMAS.len(), api::crds().len());
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
