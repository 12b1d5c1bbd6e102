//! Networks of the engine: whether one may go, and how it comes back.

use serde_json::{Map, Value, json};

/// What of a network's description has to be said to make it again. The rest (id, time, containers)
/// belongs to the one that is gone.
const KEPT: [&str; 9] = [
    "Name",
    "Driver",
    "EnableIPv4",
    "EnableIPv6",
    "Internal",
    "Attachable",
    "IPAM",
    "Options",
    "Labels",
];

/// Why a network has to stay, if it has to.
pub(super) fn reason_to_keep(document: &Value) -> Option<String> {
    let object = |key: &str| document.get(key).and_then(Value::as_object);
    if let Some(containers) = object("Containers").filter(|map| !map.is_empty()) {
        let names: Vec<&str> = containers
            .values()
            .filter_map(|container| container.get("Name")?.as_str())
            .collect();
        return Some(format!("containers are attached ({})", names.join(", ")));
    }
    if let Some(labels) = object("Labels").filter(|map| !map.is_empty()) {
        let names: Vec<&str> = labels.keys().map(String::as_str).collect();
        return Some(format!(
            "it carries labels of others ({})",
            names.join(", ")
        ));
    }
    let driver = document.get("Driver").and_then(Value::as_str);
    (driver != Some("bridge")).then(|| format!("its driver is {}", driver.unwrap_or("unknown")))
}

/// The request that makes a network as `document` describes it.
pub(super) fn create_request(document: &Value) -> Value {
    let mut request = Map::new();
    for key in KEPT {
        if let Some(value) = document.get(key) {
            request.insert(key.to_owned(), value.clone());
        }
    }
    request.insert("CheckDuplicate".to_owned(), json!(true));
    Value::Object(request)
}

/// Whether two networks are the same but for what differs with every creation.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    KEPT.iter().all(|key| left.get(key) == right.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Value {
        json!({
            "Name": "kind", "Id": "abc", "Created": "now", "Scope": "local", "Driver": "bridge",
            "EnableIPv6": false, "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.30.0.0/24", "Gateway": "172.30.0.1"}]},
            "Internal": false, "Attachable": false, "Containers": {}, "Options": {"a": "b"}, "Labels": {}
        })
    }

    #[test]
    fn only_an_empty_bridge_without_labels_may_go() {
        assert_eq!(reason_to_keep(&network()), None);
        let mut attached = network();
        attached["Containers"] = json!({"1": {"Name": "kind-control-plane"}});
        let mut labelled = network();
        labelled["Labels"] = json!({"com.docker.compose.project": "x"});
        let mut overlay = network();
        overlay["Driver"] = json!("overlay");
        for (document, reason) in [
            (attached, "containers are attached (kind-control-plane)"),
            (
                labelled,
                "it carries labels of others (com.docker.compose.project)",
            ),
            (overlay, "its driver is overlay"),
            (json!({}), "its driver is unknown"),
        ] {
            assert_eq!(reason_to_keep(&document).unwrap(), reason);
        }
    }

    #[test]
    fn what_comes_back_is_the_same_but_for_its_identity() {
        let request = create_request(&network());
        assert!(request.get("Id").is_none() && request.get("Containers").is_none());
        let mut again = network();
        again["Id"] = json!("def");
        assert!(same(&network(), &again) && same(&network(), &request));
        again["EnableIPv6"] = json!(true);
        assert!(!same(&network(), &again));
    }
}
