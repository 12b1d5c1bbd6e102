//! `ReplicaSet`: defaults and selector rules.

use serde_json::Value;

use super::pod_defaults::default_spec;
use super::selector;
use crate::cluster::embedded::kinds::json::{object_at, set_default};
use crate::cluster::embedded::kinds::strategy::Strategy;

/// The rules of `ReplicaSet`.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    generation: true,
    selectable: &["status.replicas"],
    default,
    validate: selector::validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    if let Some(spec) = object_at(object, &["spec"]) {
        set_default(spec, "replicas", 1);
    }
    if let Some(spec) = object.pointer_mut("/spec/template/spec") {
        default_spec(spec);
    }
}
