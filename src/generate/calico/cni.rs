//! The CNI network of the manifest: JSON with placeholders that calico's installer fills in.

use serde_json::{Map, Value};

use super::Settings;
use crate::generate::GenerateError;

const DOCUMENT: &str = "calico's CNI network";
/// The only placeholder that stands where JSON wants a number.
const BARE_PLACEHOLDER: &str = "__CNI_MTU__";

/// Sets which families the address plugin hands out.
///
/// # Errors
///
/// A text that is no JSON apart from the placeholder, or one without calico plugin and address section.
pub fn patch_network(text: &str, settings: &Settings) -> Result<String, GenerateError> {
    let quoted = format!("\"{BARE_PLACEHOLDER}\"");
    let mut network: Value = serde_json::from_str(&text.replace(BARE_PLACEHOLDER, &quoted))
        .map_err(|source| GenerateError::ReadBack {
            document: DOCUMENT,
            source: Box::new(source),
        })?;
    let ipam = ipam(&mut network).ok_or_else(|| GenerateError::NoTarget {
        document: DOCUMENT.to_owned(),
        target: "`ipam` section in a plugin of type `calico`".to_owned(),
    })?;
    for (key, value) in [
        ("assign_ipv4", settings.assign_ipv4),
        ("assign_ipv6", settings.assign_ipv6),
    ] {
        // The plugin reads texts, not booleans.
        if let Some(value) = value {
            ipam.insert(key.to_owned(), Value::from(value.to_string()));
        }
    }
    let patched = serde_json::to_string_pretty(&network)
        .expect("invariant: a JSON value can be written")
        .replace(&quoted, BARE_PLACEHOLDER);
    Ok(patched)
}

fn ipam(network: &mut Value) -> Option<&mut Map<String, Value>> {
    network
        .get_mut("plugins")?
        .as_array_mut()?
        .iter_mut()
        .find(|plugin| plugin.get("type").and_then(Value::as_str) == Some("calico"))?
        .get_mut("ipam")?
        .as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipam::AddressPlan;

    const NETWORK: &str = r#"{"name": "k8s-pod-network", "plugins": [
        {"type": "calico", "mtu": __CNI_MTU__, "nodename": "__KUBERNETES_NODE_NAME__", "ipam": {"type": "calico-ipam"}},
        {"type": "portmap"}]}"#;

    fn settings() -> Settings {
        Settings::for_local_cluster(&AddressPlan::default_for("ipv6".parse().unwrap()))
    }

    #[test]
    fn placeholders_survive_and_families_are_set() {
        let text = patch_network(NETWORK, &settings()).unwrap();
        assert!(text.contains("\"mtu\": __CNI_MTU__,"), "{text}");
        assert!(
            text.contains("\"nodename\": \"__KUBERNETES_NODE_NAME__\""),
            "{text}"
        );
        assert!(text.contains("\"assign_ipv4\": \"false\""), "{text}");
        assert!(text.contains("\"assign_ipv6\": \"true\""), "{text}");
    }

    #[test]
    fn a_network_without_calico_is_an_error() {
        let error = patch_network(
            r#"{"plugins": [{"type": "bridge", "ipam": {}}]}"#,
            &settings(),
        );
        assert!(matches!(error, Err(GenerateError::NoTarget { .. })));
    }
}
