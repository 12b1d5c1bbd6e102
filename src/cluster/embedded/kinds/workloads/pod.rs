//! Pod: defaults, the Pending phase, and what an update may change.

use serde_json::{Value, json};

use super::pod_defaults::default_spec;
use crate::cluster::embedded::kinds::json::{is_blank, object_at, set_default};
use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

/// The rules of Pod.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    generation: true,
    returns_deleted: true,
    selectable: &[
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ],
    default,
    prepare,
    validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    if let Some(spec) = object_at(object, &["spec"]) {
        set_default(spec, "enableServiceLinks", true);
        set_default(spec, "serviceAccountName", "default");
        set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
        set_default(spec, "priority", 0);
    }
    if let Some(spec) = object.get_mut("spec") {
        default_spec(spec);
    }
}

fn prepare(object: &mut Value, old: Option<&Value>) {
    if old.is_none() {
        object["status"] = json!({ "phase": "Pending", "qosClass": "BestEffort" });
    }
}

fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    validate_spec("spec", &object["spec"], causes);
    let Some(old) = old else { return };
    let (mut now, mut before) = (object["spec"].clone(), old["spec"].clone());
    for spec in [&mut now, &mut before] {
        forget_mutable(spec);
    }
    if now != before {
        let why = "pod updates may not change fields other than `spec.containers[*].image`,\
                   `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` \
                   (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` \
                   (allow it to be set to 1 if it was previously negative)";
        causes.push(Cause::forbidden("spec", why));
    }
}

/// Drops what an update may change; `nodeName` may be set once, by whoever binds the pod.
fn forget_mutable(spec: &mut Value) {
    for containers in ["containers", "initContainers"] {
        for container in spec[containers].as_array_mut().into_iter().flatten() {
            if let Some(container) = container.as_object_mut() {
                container.shift_remove("image");
            }
        }
    }
    if let Some(spec) = spec.as_object_mut() {
        for member in [
            "activeDeadlineSeconds",
            "tolerations",
            "nodeName",
            "terminationGracePeriodSeconds",
        ] {
            spec.shift_remove(member);
        }
    }
}

/// Checks what every pod spec must have.
pub(super) fn validate_spec(field: &str, spec: &Value, causes: &mut Vec<Cause>) {
    if is_blank(spec.get("containers")) {
        causes.push(Cause::required(format!("{field}.containers"), ""));
    }
    for list in ["initContainers", "containers"] {
        let mut names: Vec<&str> = Vec::new();
        for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            for member in ["name", "image"] {
                if is_blank(container.get(member)) {
                    causes.push(Cause::required(
                        format!("{field}.{list}[{index}].{member}"),
                        "",
                    ));
                }
            }
            let name = container["name"].as_str().unwrap_or_default();
            if names.contains(&name) {
                let field = format!("{field}.{list}[{index}].name");
                causes.push(Cause::duplicate(field, &name.into()));
            }
            names.push(name);
        }
    }
}
