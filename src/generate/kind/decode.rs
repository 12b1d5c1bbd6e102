//! Strict decoding: unknown keys and the two enumerations kind checks while it decodes.

use serde_json::Value;

use super::{Cluster, Problem, ProblemKind};

/// The keys of one object of the schema, with the objects below it.
struct Shape {
    keys: &'static [&'static str],
    below: &'static [(&'static str, &'static Self)],
}

static CLUSTER: Shape = Shape {
    keys: &[
        "kind",
        "apiVersion",
        "name",
        "featureGates",
        "runtimeConfig",
        "kubeadmConfigPatches",
        "containerdConfigPatches",
        "containerdConfigPatchesJSON6902",
    ],
    below: &[
        ("nodes", &NODE),
        ("networking", &NETWORKING),
        ("kubeadmConfigPatchesJSON6902", &JSON_PATCH),
    ],
};
static NETWORKING: Shape = Shape {
    keys: &[
        "ipFamily",
        "apiServerPort",
        "apiServerAddress",
        "podSubnet",
        "serviceSubnet",
        "disableDefaultCNI",
        "kubeProxyMode",
        "dnsSearch",
    ],
    below: &[],
};
static NODE: Shape = Shape {
    keys: &["role", "image", "labels", "kubeadmConfigPatches"],
    below: &[
        ("extraMounts", &MOUNT),
        ("extraPortMappings", &PORT_MAPPING),
        ("kubeadmConfigPatchesJSON6902", &JSON_PATCH),
    ],
};
static MOUNT: Shape = Shape {
    keys: &[
        "containerPath",
        "hostPath",
        "readOnly",
        "selinuxRelabel",
        "propagation",
    ],
    below: &[],
};
static PORT_MAPPING: Shape = Shape {
    keys: &["containerPort", "hostPort", "listenAddress", "protocol"],
    below: &[],
};
static JSON_PATCH: Shape = Shape {
    keys: &["group", "version", "kind", "patch"],
    below: &[],
};

const PROPAGATIONS: &[&str] = &["", "None", "HostToContainer", "Bidirectional"];
const PROTOCOLS: &[&str] = &["", "TCP", "UDP", "SCTP"];

/// Decodes a document and reports every key and enumeration value that kind refuses.
///
/// # Errors
///
/// All problems found while decoding; kind stops there and validates nothing.
pub fn decode(document: &Value) -> Result<Cluster, Vec<Problem>> {
    let mut problems = Vec::new();
    unknown_keys(document, &CLUSTER, "", &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut cluster: Cluster =
        serde_json::from_value(without_nulls(document)).map_err(|error| {
            vec![Problem::new(
                ProblemKind::WrongType,
                String::new(),
                error.to_string(),
            )]
        })?;
    for (index, node) in cluster.nodes.iter_mut().enumerate() {
        for (position, mount) in node.extra_mounts.iter().enumerate() {
            if !PROPAGATIONS.contains(&mount.propagation.as_str()) {
                problems.push(Problem::new(
                    ProblemKind::Propagation,
                    format!("nodes[{index}].extraMounts[{position}].propagation"),
                    format!("unknown mount propagation `{}`", mount.propagation),
                ));
            }
        }
        for (position, mapping) in node.extra_port_mappings.iter_mut().enumerate() {
            let protocol = mapping.protocol.to_uppercase();
            if PROTOCOLS.contains(&protocol.as_str()) {
                mapping.protocol = protocol;
            } else {
                problems.push(Problem::new(
                    ProblemKind::Protocol,
                    format!("nodes[{index}].extraPortMappings[{position}].protocol"),
                    format!("unknown protocol `{}`", mapping.protocol),
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(cluster)
    } else {
        Err(problems)
    }
}

fn unknown_keys(value: &Value, shape: &Shape, path: &str, problems: &mut Vec<Problem>) {
    let Some(object) = value.as_object() else {
        return;
    };
    for (key, value) in object {
        let here = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        if let Some((_, below)) = shape.below.iter().find(|(name, _)| name == key) {
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        unknown_keys(item, below, &format!("{here}[{index}]"), problems);
                    }
                }
                other => unknown_keys(other, below, &here, problems),
            }
        } else if !shape.keys.contains(&key.as_str()) {
            let detail = format!("the schema has no key `{key}`");
            problems.push(Problem::new(ProblemKind::UnknownField, here, detail));
        }
    }
}

/// A key without a value (`nodes:`) means the same as no key, as in every Go decoder.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kinds(document: &Value) -> Vec<ProblemKind> {
        decode(document)
            .unwrap_err()
            .into_iter()
            .map(|problem| problem.kind)
            .collect()
    }

    #[test]
    fn a_metadata_block_is_an_unknown_field() {
        let problems = decode(&json!({"metadata": {"name": "x"}})).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "metadata: the schema has no key `metadata`"
        );
    }

    #[test]
    fn unknown_keys_are_found_at_every_depth() {
        let document = json!({
            "networking": {"ipfamily": "ipv6"},
            "nodes": [{"role": "worker", "extraMounts": [{"hostPaht": "/"}]}],
        });
        assert_eq!(
            kinds(&document),
            [ProblemKind::UnknownField, ProblemKind::UnknownField]
        );
    }

    #[test]
    fn protocols_are_taken_in_any_case_and_propagations_are_not() {
        let mapping =
            |protocol: &str| json!({"nodes": [{"extraPortMappings": [{"protocol": protocol}]}]});
        assert_eq!(
            decode(&mapping("udp")).unwrap().nodes[0].extra_port_mappings[0].protocol,
            "UDP"
        );
        assert_eq!(kinds(&mapping("icmp")), [ProblemKind::Protocol]);
        let mount = json!({"nodes": [{"extraMounts": [{"propagation": "none"}]}]});
        assert_eq!(kinds(&mount), [ProblemKind::Propagation]);
    }

    #[test]
    fn a_key_without_value_is_absent() {
        assert_eq!(decode(&json!({"nodes": null})).unwrap(), Cluster::default());
    }
}
