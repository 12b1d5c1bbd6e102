//! Defaults of pod specs and templates (`core/v1` of upstream), so that applying the same manifest
//! twice changes nothing.

use serde_json::{Map, Value, json};

use crate::cluster::embedded::kinds::json::{list_at, object_at, set_default};

/// Fills in a pod spec.
pub(super) fn default_spec(spec: &mut Value) {
    for containers in ["initContainers", "containers"] {
        list_at(spec, &[containers]).for_each(default_container);
    }
    list_at(spec, &["volumes"]).for_each(default_volume);
    let Some(spec) = spec.as_object_mut() else {
        return;
    };
    set_default(spec, "restartPolicy", "Always");
    set_default(spec, "terminationGracePeriodSeconds", 30);
    set_default(spec, "dnsPolicy", "ClusterFirst");
    set_default(spec, "securityContext", Map::new());
    set_default(spec, "schedulerName", "default-scheduler");
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        set_default(spec, "serviceAccount", account);
    }
}

fn default_container(container: &mut Value) {
    for port in list_at(container, &["ports"]).filter_map(Value::as_object_mut) {
        set_default(port, "protocol", "TCP");
    }
    for variable in list_at(container, &["env"]) {
        if let Some(reference) = object_at(variable, &["valueFrom", "fieldRef"]) {
            set_default(reference, "apiVersion", "v1");
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(request) = object_at(container, &[probe, "httpGet"]) {
            set_default(request, "path", "/");
            set_default(request, "scheme", "HTTP");
        }
        if let Some(probe) = object_at(container, &[probe]) {
            set_default(probe, "timeoutSeconds", 1);
            set_default(probe, "periodSeconds", 10);
            set_default(probe, "successThreshold", 1);
            set_default(probe, "failureThreshold", 3);
        }
    }
    let Some(container) = container.as_object_mut() else {
        return;
    };
    let image = container
        .get("image")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let policy = if is_latest(image) {
        "Always"
    } else {
        "IfNotPresent"
    };
    set_default(container, "imagePullPolicy", policy);
    set_default(container, "resources", Map::new());
    set_default(container, "terminationMessagePath", "/dev/termination-log");
    set_default(container, "terminationMessagePolicy", "File");
}

/// Whether an image reference means the tag `latest`.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    match last.split_once(':') {
        None => true,
        Some((_, tag)) => tag == "latest",
    }
}

/// Sources that have no member of this list mean `emptyDir`.
const MODES: &[&str] = &["secret", "configMap", "downwardAPI", "projected"];

fn default_volume(volume: &mut Value) {
    for source in MODES {
        if let Some(source) = object_at(volume, &[source]) {
            set_default(source, "defaultMode", 420);
        }
    }
    for source in list_at(volume, &["projected", "sources"]) {
        if let Some(token) = object_at(source, &["serviceAccountToken"]) {
            set_default(token, "expirationSeconds", 3600);
        }
    }
    if let Some(path) = object_at(volume, &["hostPath"]) {
        set_default(path, "type", "");
    }
    let Some(volume) = volume.as_object_mut() else {
        return;
    };
    if volume.keys().all(|member| member == "name") {
        volume.insert("emptyDir".into(), json!({}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_without_tag_or_digest_is_pulled_always() {
        for (image, latest) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("nginx:1.27", false),
            ("[fd00::1]:5001/nginx", true),
            ("registry.local:5001/nginx@sha256:00", false),
        ] {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
