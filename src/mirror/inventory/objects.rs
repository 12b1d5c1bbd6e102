//! Image fields of Kubernetes objects.
//!
//! Workloads of every kind have pod templates at different depths, and so have custom resources; what
//! they share is how containers are listed. Definitions of kinds describe such lists and hold none.

use serde_json::Value;

/// Lists of containers (Kubernetes API, `PodSpec`).
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];
/// Kinds whose content is data or describes other objects.
const OPAQUE: [&str; 3] = ["ConfigMap", "Secret", "CustomResourceDefinition"];
/// The API group of kind's cluster document.
const KIND_GROUP: &str = "kind.x-k8s.io/";

/// A field that names an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageField {
    /// Its path in the document.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Whose it is: `Deployment kube-system/coredns, container coredns`.
    pub what: String,
}

/// All fields of an object that name images, in the order of the document.
pub fn image_fields(object: &Value) -> Vec<ImageField> {
    let mut fields = Vec::new();
    object_fields(object, "", &mut fields);
    fields
}

/// `Deployment kube-system/coredns`.
pub fn title(object: &Value) -> String {
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
    let kind = object["kind"].as_str().unwrap_or("object");
    let name = [text("name"), text("generateName")]
        .into_iter()
        .find(|name| !name.is_empty());
    match (text("namespace"), name.or_else(|| object["name"].as_str())) {
        (_, None) => kind.to_owned(),
        ("", Some(name)) => format!("{kind} {name}"),
        (namespace, Some(name)) => format!("{kind} {namespace}/{name}"),
    }
}

fn object_fields(object: &Value, path: &str, fields: &mut Vec<ImageField>) {
    let kind = object["kind"].as_str().unwrap_or_default();
    let version = object["apiVersion"].as_str().unwrap_or_default();
    if OPAQUE.contains(&kind) {
        return;
    }
    if kind.ends_with("List")
        && let Some(items) = object["items"].as_array()
    {
        for (index, item) in items.iter().enumerate() {
            object_fields(item, &format!("{}items[{index}]", prefix(path)), fields);
        }
        return;
    }
    let owner = title(object);
    if version.starts_with(KIND_GROUP) {
        kind_nodes(object, path, &owner, fields);
        return;
    }
    walk(object, path, &owner, fields);
}

fn prefix(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}.")
    }
}

fn kind_nodes(cluster: &Value, path: &str, owner: &str, fields: &mut Vec<ImageField>) {
    let nodes = cluster["nodes"].as_array().into_iter().flatten();
    for (index, node) in nodes.enumerate() {
        let role = node["role"].as_str().unwrap_or("control-plane");
        push(
            &node["image"],
            format!("{}nodes[{index}].image", prefix(path)),
            format!("{owner}, node {index} ({role})"),
            fields,
        );
    }
}

fn push(value: &Value, path: String, what: String, fields: &mut Vec<ImageField>) {
    if let Some(text) = value.as_str()
        && !text.is_empty()
    {
        let text = text.to_owned();
        fields.push(ImageField { path, text, what });
    }
}

fn walk(value: &Value, path: &str, owner: &str, fields: &mut Vec<ImageField>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{}{key}", prefix(path));
                match value {
                    Value::Array(items) if CONTAINERS.contains(&key.as_str()) => {
                        containers(items, &path, owner, fields);
                    }
                    Value::Array(items) if key == "volumes" => {
                        volumes(items, &path, owner, fields);
                    }
                    _ => walk(value, &path, owner, fields),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{index}]"), owner, fields);
            }
        }
        _ => {}
    }
}

fn containers(items: &[Value], path: &str, owner: &str, fields: &mut Vec<ImageField>) {
    for (index, item) in items.iter().enumerate() {
        let name = item["name"].as_str().unwrap_or_default();
        push(
            &item["image"],
            format!("{path}[{index}].image"),
            format!("{owner}, container {name}"),
            fields,
        );
    }
}

/// Volumes can be images (Kubernetes 1.31).
fn volumes(items: &[Value], path: &str, owner: &str, fields: &mut Vec<ImageField>) {
    for (index, item) in items.iter().enumerate() {
        let name = item["name"].as_str().unwrap_or_default();
        let reference = &item["image"]["reference"];
        push(
            reference,
            format!("{path}[{index}].image.reference"),
            format!("{owner}, volume {name}"),
            fields,
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod_spec() -> Value {
        json!({
            "initContainers": [{"name": "i", "image": "init:1"}],
            "containers": [{"name": "c", "image": "main:1"}, {"name": "none"}],
            "ephemeralContainers": [{"name": "e", "image": "debug:1"}],
            "volumes": [{"name": "v", "image": {"reference": "data:1"}}, {"name": "w", "emptyDir": {}}],
        })
    }

    fn texts(object: &Value) -> Vec<String> {
        image_fields(object)
            .into_iter()
            .map(|field| field.text)
            .collect()
    }

    #[test]
    fn every_workload_is_looked_into() {
        let all = ["init:1", "main:1", "debug:1", "data:1"];
        let template = json!({"spec": {"template": {"spec": pod_spec()}}});
        for kind in [
            "Deployment",
            "DaemonSet",
            "StatefulSet",
            "ReplicaSet",
            "ReplicationController",
            "Job",
            "Rollout",
        ] {
            let mut object = template.clone();
            object["kind"] = json!(kind);
            assert_eq!(texts(&object), all, "{kind}");
        }
        assert_eq!(texts(&json!({"kind": "Pod", "spec": pod_spec()})), all);
        let cron = json!({"kind": "CronJob", "spec": {"jobTemplate": template}});
        assert_eq!(texts(&cron), all);
        let template = json!({"kind": "PodTemplate", "template": {"spec": pod_spec()}});
        assert_eq!(texts(&template), all);
        let list = json!({"kind": "List", "items": [cron, {"kind": "PodList", "items": [{"kind": "Pod", "spec": pod_spec()}]}]});
        assert_eq!(texts(&list).len(), 8);
    }

    #[test]
    fn what_only_speaks_of_images_is_left_alone() {
        for object in [
            json!({"kind": "ConfigMap", "data": {"containers": [{"image": "a:1"}]}}),
            json!({"kind": "CustomResourceDefinition", "spec": {"containers": [{"image": "a:1"}]}}),
            json!({"kind": "Deployment", "spec": {"image": "a:1", "env": [{"value": "a:1"}]}}),
        ] {
            assert_eq!(texts(&object), [""; 0], "{object}");
        }
    }

    #[test]
    fn fields_say_where_and_whose_they_are() {
        let object = json!({
            "kind": "Deployment",
            "metadata": {"namespace": "kube-system", "name": "coredns"},
            "spec": {"template": {"spec": {"containers": [{"name": "coredns", "image": "a:1"}]}}},
        });
        let field = &image_fields(&object)[0];
        assert_eq!(field.path, "spec.template.spec.containers[0].image");
        assert_eq!(
            field.what,
            "Deployment kube-system/coredns, container coredns"
        );
    }

    #[test]
    fn nodes_of_kind_are_images() {
        let cluster = json!({
            "kind": "Cluster",
            "apiVersion": "kind.x-k8s.io/v1alpha4",
            "nodes": [{"role": "control-plane", "image": "kindest/node:v1.37.0"}, {"role": "worker"}],
        });
        let field = &image_fields(&cluster)[0];
        assert_eq!(
            (field.path.as_str(), field.text.as_str()),
            ("nodes[0].image", "kindest/node:v1.37.0")
        );
    }
}
