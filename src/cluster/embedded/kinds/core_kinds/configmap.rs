//! `ConfigMap`: keys, and the `immutable` switch.

use serde_json::Value;

use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

/// The rules of `ConfigMap`.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    validate,
    ..Strategy::PLAIN
};

/// Total size of the data (1 MiB, `core/validation`).
pub(super) const MOST_DATA: usize = 1 << 20;

fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let mut size = 0;
    for member in ["data", "binaryData"] {
        for (key, value) in object
            .get(member)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            check_key(member, key, causes);
            size += value.as_str().map_or(0, str::len);
        }
    }
    if size > MOST_DATA {
        causes.push(Cause::too_long("", MOST_DATA));
    }
    check_immutable(object, old, &["data", "binaryData"], causes);
}

/// Keys of `ConfigMaps` and Secrets are usable as file names.
pub(super) fn check_key(member: &str, key: &str, causes: &mut Vec<Cause>) {
    let fits = key.len() <= 253
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !key.is_empty()
        && key != "."
        && !key.starts_with("..");
    if !fits {
        let why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' \
                   (e.g. 'key.name', regex used for validation is '[-._a-zA-Z0-9]+')";
        causes.push(Cause::invalid(format!("{member}[{key}]"), &key.into(), why));
    }
}

/// Once `immutable` is set, neither it nor the data can change.
pub(super) fn check_immutable(
    object: &Value,
    old: Option<&Value>,
    members: &[&str],
    causes: &mut Vec<Cause>,
) {
    let Some(old) = old.filter(|old| old["immutable"] == Value::Bool(true)) else {
        return;
    };
    let why = "field is immutable when `immutable` is set";
    if object["immutable"] != Value::Bool(true) {
        causes.push(Cause::forbidden("immutable", why));
    }
    for member in members {
        if old.get(member) != object.get(member) {
            causes.push(Cause::forbidden(*member, why));
        }
    }
}
