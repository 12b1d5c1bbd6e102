//! Job: defaults and the selector that the server makes from the uid.

use serde_json::{Map, Value, json};

use super::pod_defaults::default_spec;
use crate::cluster::embedded::kinds::json::{object_at, set_default, text};
use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

/// The rules of Job.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    generation: true,
    selectable: &["status.successful"],
    default,
    prepare,
    validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    if let Some(spec) = object_at(object, &["spec"]) {
        let has_completions = spec
            .get("completions")
            .is_some_and(|count| !count.is_null());
        set_default(spec, "parallelism", 1);
        if !has_completions && spec["parallelism"] == 1 {
            spec.insert("completions".into(), 1.into());
        }
        set_default(spec, "backoffLimit", 6);
        set_default(spec, "completionMode", "NonIndexed");
        set_default(spec, "suspend", false);
        set_default(spec, "podReplacementPolicy", "TerminatingOrFailed");
    }
    if let Some(spec) = object.pointer_mut("/spec/template/spec") {
        default_spec(spec);
    }
}

fn prepare(object: &mut Value, old: Option<&Value>) {
    if old.is_some() || object["spec"]["manualSelector"] == Value::Bool(true) {
        return;
    }
    let uid = text(object, &["metadata", "uid"]).to_owned();
    let name = text(object, &["metadata", "name"]).to_owned();
    if let Some(metadata) = object_at(object, &["spec", "template"]) {
        set_default(metadata, "metadata", Map::new());
    }
    if let Some(metadata) = object_at(object, &["spec", "template", "metadata"]) {
        set_default(metadata, "labels", Map::new());
    }
    if let Some(labels) = object_at(object, &["spec", "template", "metadata", "labels"]) {
        for prefix in ["batch.kubernetes.io/", ""] {
            labels.insert(format!("{prefix}controller-uid"), uid.clone().into());
            labels.insert(format!("{prefix}job-name"), name.clone().into());
        }
    }
    if let Some(spec) = object_at(object, &["spec"]) {
        let selector = json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } });
        set_default(spec, "selector", selector);
    }
}

fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let template = &object["spec"]["template"]["spec"];
    super::pod::validate_spec("spec.template.spec", template, causes);
    if !matches!(
        template["restartPolicy"].as_str(),
        Some("OnFailure" | "Never")
    ) {
        causes.push(Cause::not_supported(
            "spec.template.spec.restartPolicy",
            &template["restartPolicy"],
            &["OnFailure", "Never"],
        ));
    }
    let Some(old) = old else { return };
    for member in ["completions", "selector", "template", "completionMode"] {
        if old["spec"][member] != object["spec"][member] {
            let value = &object["spec"][member];
            causes.push(Cause::invalid(
                format!("spec.{member}"),
                value,
                "field is immutable",
            ));
        }
    }
}
