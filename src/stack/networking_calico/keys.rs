//! The keys of a `NetworkConfig`, for an error that names all unknown ones.

use serde_json::Value;

/// The known keys by section; the empty section is the configuration itself.
const KEYS: [(&str, &[&str]); 14] = [
    (
        "",
        &[
            "apiVersion",
            "kind",
            "backend",
            "ipam",
            "ipv4",
            "ipv6",
            "typha",
            "vethMTU",
            "ebpfDataplane",
            "overlay",
            "snatToUpstreamDNS",
            "autoScaling",
            "vxlan",
            "wireguardEncryption",
            "birdExporter",
            "multus",
            "serviceLoopPrevention",
            "ipip",
            "ipAutodetectionMethod",
        ],
    ),
    ("ipam", &["type", "cidr"]),
    ("ipv4", &["pool", "mode", "autoDetectionMethod"]),
    (
        "ipv6",
        &["pool", "mode", "autoDetectionMethod", "sourceNATEnabled"],
    ),
    ("typha", &["enabled"]),
    ("ebpfDataplane", &["enabled"]),
    ("overlay", &["enabled", "createPodRoutes"]),
    ("snatToUpstreamDNS", &["enabled"]),
    ("autoScaling", &["mode", "resources"]),
    ("autoScaling.resources", &["node", "typha"]),
    ("vxlan", &["enabled"]),
    ("birdExporter", &["enabled"]),
    ("multus", &["enabled", "installCNIPlugins"]),
    // Resource names are free; validation looks at them.
    ("autoScaling.resources.node", &[]),
];

/// The paths of all keys that a configuration must not have.
pub fn unknown_keys(config: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    walk(config, "", &mut unknown);
    unknown
}

fn walk(value: &Value, section: &str, unknown: &mut Vec<String>) {
    let Some((_, known)) = KEYS.iter().find(|(name, _)| *name == section) else {
        return;
    };
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = match section {
            "" => key.clone(),
            _ => format!("{section}.{key}"),
        };
        if known.contains(&key.as_str()) {
            walk(inner, &path, unknown);
        } else if !known.is_empty() {
            unknown.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::calico::NetworkConfig;

    #[test]
    fn all_unknown_keys_are_named() {
        let config = json!({
            "a": 1,
            "ipv4": {"sourceNATEnabled": true},
            "autoScaling": {"resources": {"node": {"cpu": "1"}, "b": {}}},
        });
        let expected = ["a", "ipv4.sourceNATEnabled", "autoScaling.resources.b"];
        assert_eq!(unknown_keys(&config), expected);
    }

    #[test]
    fn the_known_keys_are_those_of_the_type() {
        for (section, keys) in KEYS {
            for key in keys {
                let path: Vec<&str> = section.split('.').chain([*key]).collect();
                let nested = path
                    .iter()
                    .filter(|key| !key.is_empty())
                    .rev()
                    .fold(Value::Null, |value, key| json!({*key: value}));
                let read = NetworkConfig::from_provider_config(Some(&nested));
                let error = read
                    .err()
                    .map(|error| error.to_string())
                    .unwrap_or_default();
                assert!(!error.contains("unknown field"), "{section} {key}: {error}");
            }
        }
    }
}
