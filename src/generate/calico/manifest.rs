//! The patch itself: two documents are changed, all others are passed on.

use serde_json::{Map, Value, json};

use super::{Settings, patch_network};
use crate::{generate::GenerateError, yaml};

const CONFIG_MAP: (&str, &str) = ("ConfigMap", "calico-config");
const DAEMON_SET: (&str, &str) = ("DaemonSet", "calico-node");
const NETWORK_KEY: &str = "cni_network_config";

/// Patches a manifest and returns its objects in order.
///
/// # Errors
///
/// A text that is no YAML, or a manifest that lacks one of the places to patch.
pub fn render(text: &str, origin: &str, settings: &Settings) -> Result<Vec<Value>, GenerateError> {
    let documents = yaml::documents(text, origin).map_err(|source| GenerateError::Source {
        source: Box::new(source),
    })?;
    let mut objects: Vec<Value> = documents
        .into_iter()
        .map(|document| document.value)
        .collect();
    patch_config(find(&mut objects, CONFIG_MAP, origin)?, origin, settings)?;
    patch_daemon_set(find(&mut objects, DAEMON_SET, origin)?, origin, settings)?;
    Ok(objects)
}

fn find<'a>(
    objects: &'a mut [Value],
    (kind, name): (&str, &str),
    origin: &str,
) -> Result<&'a mut Value, GenerateError> {
    objects
        .iter_mut()
        .find(|object| {
            object.get("kind").and_then(Value::as_str) == Some(kind)
                && object.pointer("/metadata/name").and_then(Value::as_str) == Some(name)
        })
        .ok_or_else(|| no_target(origin, &format!("{kind} `{name}`")))
}

fn patch_config(
    object: &mut Value,
    origin: &str,
    settings: &Settings,
) -> Result<(), GenerateError> {
    let network = object
        .pointer_mut("/data")
        .and_then(|data| data.get_mut(NETWORK_KEY))
        .ok_or_else(|| {
            no_target(
                origin,
                &format!("`{NETWORK_KEY}` in ConfigMap calico-config"),
            )
        })?;
    let text = network.as_str().unwrap_or_default();
    *network = Value::from(patch_network(text, settings)?);
    Ok(())
}

fn patch_daemon_set(
    object: &mut Value,
    origin: &str,
    settings: &Settings,
) -> Result<(), GenerateError> {
    let container = object
        .pointer_mut("/spec/template/spec/containers")
        .and_then(Value::as_array_mut)
        .and_then(|containers| {
            containers
                .iter_mut()
                .find(|container| container.get("name") == Some(&Value::from("calico-node")))
        })
        .ok_or_else(|| no_target(origin, "container `calico-node` in its DaemonSet"))?;
    let env = container
        .get_mut("env")
        .and_then(Value::as_array_mut)
        .ok_or_else(|| no_target(origin, "environment of container `calico-node`"))?;
    for (name, value) in &settings.env {
        set_variable(env, name, value);
    }
    env.retain(|variable| !settings.absent.iter().any(|name| is_named(variable, name)));
    Ok(())
}

/// Replaces a variable where it stands, or adds it at the end.
fn set_variable(env: &mut Vec<Value>, name: &str, value: &str) {
    let variable = json!({ "name": name, "value": value });
    match env.iter_mut().find(|variable| is_named(variable, name)) {
        Some(found) => *found = variable,
        None => env.push(variable),
    }
}

fn is_named(variable: &Value, name: &str) -> bool {
    variable
        .as_object()
        .and_then(|variable: &Map<String, Value>| variable.get("name"))
        == Some(&Value::from(name))
}

fn no_target(origin: &str, target: &str) -> GenerateError {
    GenerateError::NoTarget {
        document: origin.to_owned(),
        target: target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipam::AddressPlan;

    const MANIFEST: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: calico-node}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config}
data:
  cni_network_config: |-
    {"plugins": [{"type": "calico", "mtu": __CNI_MTU__, "ipam": {"type": "calico-ipam"}}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        env:
        - {name: IP, value: autodetect}
        - {name: NODENAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: CALICO_IPV4POOL_IPIP, value: Always}
        - {name: FELIX_IPV6SUPPORT, value: "false"}
"#;

    fn settings(families: &str) -> Settings {
        Settings::for_local_cluster(&AddressPlan::default_for(families.parse().unwrap()))
    }

    fn env(objects: &[Value]) -> Vec<(String, String)> {
        objects[2]["spec"]["template"]["spec"]["containers"][0]["env"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| {
                let value = variable["value"].as_str().unwrap_or("(reference)");
                (
                    variable["name"].as_str().unwrap().to_owned(),
                    value.to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn variables_are_replaced_in_place_and_added_at_the_end() {
        let objects = render(MANIFEST, "calico.yaml", &settings("ipv6")).unwrap();
        let env: Vec<String> = env(&objects)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            env,
            [
                "IP=none",
                "NODENAME=(reference)",
                "CALICO_IPV4POOL_IPIP=Never",
                "FELIX_IPV6SUPPORT=true",
                "IP6=autodetect",
                "CALICO_IPV6POOL_CIDR=fd00:10:1::/56",
                "CALICO_IPV6POOL_NAT_OUTGOING=true",
                "CALICO_IPV6POOL_VXLAN=Never",
                "CALICO_ROUTER_ID=hash",
                "CALICO_IPV4POOL_CIDR=none",
            ]
        );
    }

    #[test]
    fn ipv4_keeps_upstream_s_defaults() {
        let objects = render(MANIFEST, "calico.yaml", &settings("ipv4")).unwrap();
        let env = env(&objects);
        assert!(env.contains(&("IP".to_owned(), "autodetect".to_owned())));
        assert!(env.contains(&("CALICO_IPV4POOL_IPIP".to_owned(), "Always".to_owned())));
        assert!(env.iter().all(|(name, _)| name != "IP6"));
    }

    #[test]
    fn a_patch_without_target_is_an_error_that_names_it() {
        let without =
            MANIFEST.replace("name: calico-node\n        env", "name: other\n        env");
        let error = render(&without, "calico.yaml", &settings("ipv6")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "calico.yaml has no container `calico-node` in its DaemonSet to patch"
        );
        let error = render("kind: List\n", "x.yaml", &settings("ipv6")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.yaml has no ConfigMap `calico-config` to patch"
        );
    }
}
