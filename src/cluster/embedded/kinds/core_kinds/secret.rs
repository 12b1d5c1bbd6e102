//! Secret: base64 data, the write-only `stringData`, types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::configmap::{MOST_DATA, check_immutable, check_key};
use crate::cluster::embedded::kinds::json::set_default;
use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

/// The rules of Secret.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    selectable: &["type"],
    default,
    validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    let Some(secret) = object.as_object_mut() else {
        return;
    };
    set_default(secret, "type", "Opaque");
    let Some(Value::Object(plain)) = secret.shift_remove("stringData") else {
        return;
    };
    if plain.is_empty() {
        return;
    }
    set_default(secret, "data", Map::new());
    if let Some(data) = secret.get_mut("data").and_then(Value::as_object_mut) {
        for (key, text) in plain {
            let encoded = STANDARD.encode(text.as_str().unwrap_or_default());
            data.insert(key, encoded.into());
        }
    }
}

/// Types that promise certain keys (`core/validation`).
const PROMISES: &[(&str, &[&str])] = &[
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
];

fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let empty = Map::new();
    let data = object
        .get("data")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut size = 0;
    for (key, value) in data {
        check_key("data", key, causes);
        size += value.as_str().map_or(0, str::len) / 4 * 3;
    }
    if size > MOST_DATA {
        causes.push(Cause::too_long("data", MOST_DATA));
    }
    let secret_type = object["type"].as_str().unwrap_or_default();
    let promised = PROMISES.iter().find(|(name, _)| *name == secret_type);
    for key in promised.into_iter().flat_map(|(_, keys)| keys.iter()) {
        if !data.contains_key(*key) {
            causes.push(Cause::required(format!("data[{key}]"), ""));
        }
    }
    if let Some(old) = old
        && old["type"] != object["type"]
    {
        causes.push(Cause::invalid(
            "type",
            &object["type"],
            "field is immutable",
        ));
    }
    check_immutable(object, old, &["data"], causes);
}
