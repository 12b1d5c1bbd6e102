//! All custom resource definitions in one list.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt as _;

use super::{
    core::{CloudProfile, Project, Seed, Shoot},
    extensions::{Cluster, DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker},
};

/// The definitions of every kind in [`api`](super), core group first, in a stable order.
pub fn crds() -> Vec<CustomResourceDefinition> {
    let mut crds = vec![
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
    ];
    let versions = crds.iter_mut().flat_map(|crd| &mut crd.spec.versions);
    let schemas = versions.filter_map(|version| version.schema.as_mut());
    for schema in schemas.filter_map(|schema| schema.open_api_v3_schema.as_mut()) {
        flow(schema);
    }
    crds
}

/// Lets the texts of a schema flow: their lines are as long as the lines of this source, and
/// `kubectl explain` breaks them again.
fn flow(schema: &mut JSONSchemaProps) {
    if let Some(text) = &mut schema.description {
        let paragraphs: Vec<String> = text
            .split("\n\n")
            .map(|paragraph| paragraph.lines().collect::<Vec<_>>().join(" "))
            .collect();
        *text = paragraphs.join("\n\n");
    }
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|map| map.values_mut())
    {
        flow(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        flow(items);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        flow(values);
    }
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

    #[test]
    fn texts_have_lines_for_paragraphs_only() {
        let mut schema = JSONSchemaProps {
            description: Some("One\nsentence.\n\nAnother\none.".to_owned()),
            ..JSONSchemaProps::default()
        };
        flow(&mut schema);
        let text = schema.description.unwrap();
        assert_eq!(text, "One sentence.\n\nAnother one.");
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
