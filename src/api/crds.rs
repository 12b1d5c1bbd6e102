//! All custom resource definitions in one list.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;

use super::{
    core::{CloudProfile, Project, Seed, Shoot},
    extensions::{Cluster, DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker},
};

/// The definitions of every kind in [`api`](super), core group first, in a stable order.
pub fn crds() -> Vec<CustomResourceDefinition> {
    vec![
        CloudProfile::crd(),
        Project::crd(),
        Seed::crd(),
        Shoot::crd(),
        Cluster::crd(),
        DnsRecord::crd(),
        Infrastructure::crd(),
        Network::crd(),
        OperatingSystemConfig::crd(),
        Worker::crd(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn names() -> Vec<(String, String, Vec<String>)> {
        crds()
            .into_iter()
            .map(|crd| {
                let names = crd.spec.names;
                (
                    crd.metadata.name.unwrap(),
                    names.kind,
                    names.short_names.unwrap_or_default(),
                )
            })
            .collect()
    }

    #[test]
    fn names_are_the_upstream_ones() {
        let expected: [(&str, &str, &[&str]); 10] = [
            (
                "cloudprofiles.core.gardener.cloud",
                "CloudProfile",
                &["cprofile", "cpfl"],
            ),
            ("projects.core.gardener.cloud", "Project", &[]),
            ("seeds.core.gardener.cloud", "Seed", &[]),
            ("shoots.core.gardener.cloud", "Shoot", &[]),
            ("clusters.extensions.gardener.cloud", "Cluster", &[]),
            (
                "dnsrecords.extensions.gardener.cloud",
                "DNSRecord",
                &["dns"],
            ),
            (
                "infrastructures.extensions.gardener.cloud",
                "Infrastructure",
                &["infra"],
            ),
            ("networks.extensions.gardener.cloud", "Network", &[]),
            (
                "operatingsystemconfigs.extensions.gardener.cloud",
                "OperatingSystemConfig",
                &["osc"],
            ),
            ("workers.extensions.gardener.cloud", "Worker", &[]),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(name, kind, short)| {
                let short = short.iter().map(|word| (*word).to_owned()).collect();
                (name.to_owned(), kind.to_owned(), short)
            })
            .collect();
        assert_eq!(names(), expected);
    }

    fn walk(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
        visit(path, schema);
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                walk(&format!("{path}.{name}"), property, visit);
            }
        }
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
                walk(&format!("{path}[]"), inner, visit);
            }
        }
    }

    #[test]
    fn schemas_are_structural() {
        for crd in crds() {
            let name = crd.metadata.name.unwrap();
            let schema = &crd.spec.versions[0].schema;
            let schema = serde_json::to_value(schema).unwrap()["openAPIV3Schema"].clone();
            walk(&name, &schema, &mut |path, schema| {
                let int_or_string = schema.get("x-kubernetes-int-or-string").is_some();
                assert!(
                    schema.get("type").is_some() || int_or_string,
                    "{path}: no type in {schema}"
                );
                for word in ["$ref", "oneOf", "allOf"] {
                    assert!(schema.get(word).is_none(), "{path}: `{word}` in {schema}");
                }
                assert!(
                    !(schema.get("properties").is_some()
                        && schema.get("additionalProperties").is_some()),
                    "{path}: properties exclude additionalProperties"
                );
            });
        }
    }

    #[test]
    fn partly_modelled_objects_keep_unknown_fields() {
        let crd = serde_json::to_value(Shoot::crd()).unwrap();
        let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
        for path in [
            "",
            "/properties/networking",
            "/properties/kubernetes",
            "/properties/kubernetes/properties/kubelet",
            "/properties/provider/properties/workers/items",
            "/properties/provider/properties/workers/items/properties/machine",
            "/properties/networking/properties/providerConfig",
        ] {
            let open = crd.pointer(&format!(
                "{spec}{path}/x-kubernetes-preserve-unknown-fields"
            ));
            assert_eq!(open, Some(&Value::Bool(true)), "{path}");
        }
    }
}
