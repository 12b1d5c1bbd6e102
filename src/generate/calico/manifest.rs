//! The patch itself: two documents are changed, all others are passed on.

use serde_json::{Map, Value, json};

use super::{Settings, patch_network};
use crate::{generate::GenerateError, yaml};

const CONFIG_MAP: (&str, &str) = ("ConfigMap", "calico-config");
const DAEMON_SET: (&str, &str) = ("DaemonSet", "calico-node");
const NETWORK_KEY: &str = "cni_network_config";
const BACKEND_KEY: &str = "calico_backend";
/// What a probe asks the routing daemon.
const BIRD_QUESTIONS: [(&str, &str); 2] = [
    ("livenessProbe", "-bird-live"),
    ("readinessProbe", "-bird-ready"),
];

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
    if let Some(wanted) = settings.backend {
        let backend = object
            .pointer_mut("/data")
            .and_then(|data| data.get_mut(BACKEND_KEY))
            .ok_or_else(|| {
                no_target(
                    origin,
                    &format!("`{BACKEND_KEY}` in ConfigMap calico-config"),
                )
            })?;
        *backend = Value::from(wanted);
    }
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
    if settings.backend.is_some() {
        for (probe, question) in BIRD_QUESTIONS {
            leave_out(container, probe, question)
                .ok_or_else(|| no_target(origin, &format!("`{question}` in the {probe}")))?;
        }
    }
    Ok(())
}

/// Takes an argument out of the command of a probe.
fn leave_out(container: &mut Value, probe: &str, argument: &str) -> Option<()> {
    let command = container
        .get_mut(probe)?
        .pointer_mut("/exec/command")?
        .as_array_mut()?;
    let position = command.iter().position(|word| word == argument)?;
    command.remove(position);
    Some(())
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
    use crate::{generate::calico::Encapsulation, ipam::AddressPlan};

    const MANIFEST: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: calico-node}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config}
data:
  calico_backend: bird
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
        livenessProbe: {exec: {command: [/bin/calico-node, -felix-live, -bird-live]}}
        readinessProbe: {exec: {command: [/bin/calico-node, -felix-ready, -bird-ready]}}
"#;

    #[test]
    fn without_routing_daemon_nobody_asks_for_its_health() {
        let plan = AddressPlan::default_for("ipv6".parse().unwrap());
        let settings = Settings::new(&plan, Encapsulation::Vxlan);
        let objects = render(MANIFEST, "calico.yaml", &settings).unwrap();
        assert_eq!(objects[1]["data"]["calico_backend"], "vxlan");
        let container = &objects[2]["spec"]["template"]["spec"]["containers"][0];
        let command = |probe: &str| container[probe]["exec"]["command"].clone();
        assert_eq!(
            command("livenessProbe"),
            json!(["/bin/calico-node", "-felix-live"])
        );
        assert_eq!(
            command("readinessProbe"),
            json!(["/bin/calico-node", "-felix-ready"])
        );
        let error = render(
            &MANIFEST.replace("-bird-ready", "-ready"),
            "x.yaml",
            &settings,
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "x.yaml has no `-bird-ready` in the readinessProbe to patch"
        );
    }

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
