//! Webhook configurations: stored with the defaults of upstream, not called.

use serde_json::{Map, Value};

use super::json::{is_blank, list_at, object_at, set_default};
use super::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

const NOTE: &str = "this control plane calls no webhooks: the configuration is stored only";

/// The rules of `ValidatingWebhookConfiguration`.
pub(super) const VALIDATING: Strategy = Strategy {
    generation: true,
    note: Some(NOTE),
    default: default_common,
    validate,
    ..Strategy::PLAIN
};

/// The rules of `MutatingWebhookConfiguration`.
pub(super) const MUTATING: Strategy = Strategy {
    generation: true,
    note: Some(NOTE),
    default: default_mutating,
    validate,
    ..Strategy::PLAIN
};

fn default_mutating(object: &mut Value) {
    default_common(object);
    for webhook in list_at(object, &["webhooks"]).filter_map(Value::as_object_mut) {
        set_default(webhook, "reinvocationPolicy", "Never");
    }
}

fn default_common(object: &mut Value) {
    for webhook in list_at(object, &["webhooks"]) {
        for rule in list_at(webhook, &["rules"]).filter_map(Value::as_object_mut) {
            set_default(rule, "scope", "*");
        }
        if let Some(service) = object_at(webhook, &["clientConfig", "service"]) {
            set_default(service, "port", 443);
        }
        let Some(webhook) = webhook.as_object_mut() else {
            continue;
        };
        set_default(webhook, "failurePolicy", "Fail");
        set_default(webhook, "matchPolicy", "Equivalent");
        set_default(webhook, "namespaceSelector", Map::new());
        set_default(webhook, "objectSelector", Map::new());
        set_default(webhook, "timeoutSeconds", 10);
    }
}

fn validate(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    for (index, webhook) in object["webhooks"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let field = format!("webhooks[{index}]");
        for member in ["name", "sideEffects", "admissionReviewVersions"] {
            if is_blank(webhook.get(member)) {
                causes.push(Cause::required(format!("{field}.{member}"), ""));
            }
        }
        let client = &webhook["clientConfig"];
        if is_blank(client.get("url")) == is_blank(client.get("service")) {
            let why = "exactly one of url or service is required";
            causes.push(Cause::required(format!("{field}.clientConfig"), why));
        }
    }
}
