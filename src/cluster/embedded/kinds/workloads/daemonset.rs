//! `DaemonSet`: defaults and selector rules.

use serde_json::{Value, json};

use super::pod_defaults::default_spec;
use super::selector;
use crate::cluster::embedded::kinds::json::{object_at, set_default};
use crate::cluster::embedded::kinds::strategy::Strategy;

/// The rules of `DaemonSet`.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    generation: true,
    default,
    validate: selector::validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    if let Some(spec) = object_at(object, &["spec"]) {
        set_default(spec, "revisionHistoryLimit", 10);
        set_default(spec, "updateStrategy", json!({}));
    }
    if let Some(strategy) = object_at(object, &["spec", "updateStrategy"]) {
        set_default(strategy, "type", "RollingUpdate");
        if strategy["type"] == "RollingUpdate" {
            set_default(strategy, "rollingUpdate", json!({}));
        }
    }
    if let Some(rolling) = object_at(object, &["spec", "updateStrategy", "rollingUpdate"]) {
        set_default(rolling, "maxUnavailable", 1);
        set_default(rolling, "maxSurge", 0);
    }
    if let Some(spec) = object.pointer_mut("/spec/template/spec") {
        default_spec(spec);
    }
}
