//! Strategic merge patch: a merge patch that knows which lists have keys, and has directives.
//!
//! | In the patch | Means |
//! |---|---|
//! | `$patch: replace` in a map, or in an item of a list | the patch is the new map, or list |
//! | `$patch: delete` in a map | the map becomes empty; in an item: items with that key go |
//! | `$deleteFromPrimitiveList/NAME` | these scalars leave the list NAME |
//! | `$setElementOrder/NAME` | the items of the list NAME stand in this order |
//! | `$retainKeys` | only these members of the map stay |

use serde_json::{Map, Value};
use thiserror::Error;

use crate::cluster::embedded::fields::interleave;
use crate::cluster::embedded::fields::shapes::{Merge, Shape};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
const SET_ORDER: &str = "$setElementOrder/";

/// Why a strategic merge patch was refused; the API answers 400.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StrategicError {
    /// The patch is no object.
    #[error("a strategic merge patch must be an object")]
    NotAnObject,
    /// A directive has a value that means nothing.
    #[error("unknown patch type found in patch: {found}")]
    UnknownDirective {
        /// The value.
        found: String,
    },
    /// A directive that needs a list has none.
    #[error("invalid patch: {directive} must be a list")]
    NotAList {
        /// The directive.
        directive: String,
    },
    /// An item of a keyed list lacks its key.
    #[error("map: {item} does not contain declared merge key: {key}")]
    NoKey {
        /// The item.
        item: String,
        /// The merge key.
        key: &'static str,
    },
    /// A patched member is not among those to retain.
    #[error("invalid patch: {member} is patched, but not in $retainKeys")]
    NotRetained {
        /// The member.
        member: String,
    },
}

/// Changes `target`, an object of a kind with this shape, as `patch` says.
pub fn apply(target: &mut Value, patch: &Value, shape: Shape) -> Result<(), StrategicError> {
    let Value::Object(patch) = patch else {
        return Err(StrategicError::NotAnObject);
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return Ok(());
    };
    merge_map(target, patch, shape)
}

fn merge_map(
    target: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    shape: Shape,
) -> Result<(), StrategicError> {
    match directive(patch)? {
        Directive::Merge => {}
        Directive::Delete => {
            target.clear();
            return Ok(());
        }
        Directive::Replace => target.clear(),
    }
    if let Some(keep) = patch.get(RETAIN_KEYS) {
        retain(target, patch, keep)?;
    }
    for (key, change) in patch {
        if key == DIRECTIVE || key == RETAIN_KEYS || key.starts_with(SET_ORDER) {
            continue;
        }
        if let Some(name) = key.strip_prefix(DELETE_FROM) {
            delete_scalars(target, key, name, change)?;
            continue;
        }
        let shape = shape.field(key);
        match change {
            Value::Null => {
                target.shift_remove(key);
            }
            Value::Object(change) => {
                let fresh = !target.get(key).is_some_and(Value::is_object);
                if fresh && matches!(directive(change)?, Directive::Delete) {
                    target.shift_remove(key);
                    continue;
                }
                let mut inner = match target.get_mut(key) {
                    Some(Value::Object(inner)) => std::mem::take(inner),
                    _ => Map::new(),
                };
                merge_map(&mut inner, change, shape)?;
                target.insert(key.clone(), Value::Object(inner));
            }
            Value::Array(change) => {
                let existing = match target.get_mut(key) {
                    Some(Value::Array(list)) => std::mem::take(list),
                    _ => Vec::new(),
                };
                let order = patch
                    .get(&format!("{SET_ORDER}{key}"))
                    .and_then(Value::as_array);
                let merged = merge_list(existing, change, order, shape)?;
                target.insert(key.clone(), Value::Array(merged));
            }
            scalar => {
                target.insert(key.clone(), scalar.clone());
            }
        }
    }
    reorder_untouched(target, patch, shape)
}

enum Directive {
    Merge,
    Replace,
    Delete,
}

fn directive(patch: &Map<String, Value>) -> Result<Directive, StrategicError> {
    match patch
        .get(DIRECTIVE)
        .map(|value| value.as_str().unwrap_or_default())
    {
        None | Some("merge") => Ok(Directive::Merge),
        Some("replace") => Ok(Directive::Replace),
        Some("delete") => Ok(Directive::Delete),
        Some(_) => {
            let found = patch
                .get(DIRECTIVE)
                .map(ToString::to_string)
                .unwrap_or_default();
            Err(StrategicError::UnknownDirective { found })
        }
    }
}

fn retain(
    target: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    keep: &Value,
) -> Result<(), StrategicError> {
    let Some(keep) = keep.as_array() else {
        return Err(StrategicError::NotAList {
            directive: RETAIN_KEYS.to_owned(),
        });
    };
    let kept = |key: &String| keep.iter().any(|name| name.as_str() == Some(key));
    let stray = patch
        .iter()
        .find(|(key, value)| !key.starts_with('$') && !value.is_null() && !kept(key));
    if let Some((member, _)) = stray {
        return Err(StrategicError::NotRetained {
            member: member.clone(),
        });
    }
    target.retain(|key, _| kept(key));
    Ok(())
}

fn delete_scalars(
    target: &mut Map<String, Value>,
    directive: &str,
    name: &str,
    gone: &Value,
) -> Result<(), StrategicError> {
    let Some(gone) = gone.as_array() else {
        return Err(StrategicError::NotAList {
            directive: directive.to_owned(),
        });
    };
    if let Some(list) = target.get_mut(name).and_then(Value::as_array_mut) {
        list.retain(|item| !gone.contains(item));
    }
    Ok(())
}

fn merge_list(
    existing: Vec<Value>,
    patch: &[Value],
    order: Option<&Vec<Value>>,
    shape: Shape,
) -> Result<Vec<Value>, StrategicError> {
    match shape.merge() {
        Merge::Replace => Ok(patch.to_vec()),
        Merge::Union => {
            let mut merged = existing.clone();
            for item in patch {
                if !merged.contains(item) {
                    merged.push(item.clone());
                }
            }
            Ok(ordered(merged, order, Value::clone))
        }
        Merge::Key(key) => {
            let merged = merge_keyed(existing, patch, key, shape.item())?;
            let name = |item: &Value| item.get(key).cloned().unwrap_or_default();
            Ok(ordered(merged, order, name))
        }
    }
}

fn merge_keyed(
    existing: Vec<Value>,
    patch: &[Value],
    key: &'static str,
    shape: Shape,
) -> Result<Vec<Value>, StrategicError> {
    let mut items = Vec::with_capacity(patch.len());
    let mut replace = false;
    for item in patch {
        let no_key = || StrategicError::NoKey {
            item: item.to_string(),
            key,
        };
        let map = item.as_object().ok_or_else(no_key)?;
        let directive = directive(map)?;
        if matches!(directive, Directive::Replace) {
            replace = true;
            // An item with nothing but the directive only says that the others are the list.
            if map.len() == 1 {
                continue;
            }
        }
        let name = map.get(key).ok_or_else(no_key)?;
        items.push((name, map, directive));
    }
    let mut merged = if replace { Vec::new() } else { existing };
    for (name, map, directive) in items {
        if matches!(directive, Directive::Delete) {
            merged.retain(|item| item.get(key) != Some(name));
            continue;
        }
        let existing = merged.iter_mut().find(|item| item.get(key) == Some(name));
        if let Some(Value::Object(item)) = existing {
            merge_map(item, map, shape)?;
        } else {
            let mut item = Map::new();
            merge_map(&mut item, map, shape)?;
            merged.push(Value::Object(item));
        }
    }
    Ok(merged)
}

/// Reorders lists that the patch only gives an order for.
fn reorder_untouched(
    target: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    shape: Shape,
) -> Result<(), StrategicError> {
    for (directive, order) in patch {
        let Some(name) = directive.strip_prefix(SET_ORDER) else {
            continue;
        };
        let Some(order) = order.as_array() else {
            return Err(StrategicError::NotAList {
                directive: directive.clone(),
            });
        };
        if patch.contains_key(name) {
            continue;
        }
        let merge = shape.field(name).merge();
        if let Some(Value::Array(list)) = target.get_mut(name) {
            let items = std::mem::take(list);
            *list = match merge {
                Merge::Key(key) => {
                    let name = |item: &Value| item.get(key).cloned().unwrap_or_default();
                    ordered(items, Some(order), name)
                }
                Merge::Union | Merge::Replace => ordered(items, Some(order), Value::clone),
            };
        }
    }
    Ok(())
}

/// Puts the named items in the given order; the others stay behind the items they followed.
fn ordered(
    items: Vec<Value>,
    order: Option<&Vec<Value>>,
    name: impl Fn(&Value) -> Value,
) -> Vec<Value> {
    let Some(order) = order else { return items };
    let names: Vec<Value> = items.iter().map(&name).collect();
    // The order of a keyed list repeats the key member, that of a set the bare values.
    let order: Vec<Value> = order
        .iter()
        .map(|item| {
            if item.is_object() {
                name(item)
            } else {
                item.clone()
            }
        })
        .filter(|item| names.contains(item))
        .collect();
    let pairs = interleave(&names, &order).into_iter();
    pairs
        .filter_map(|(left, _)| left.and_then(|left| items.get(left).cloned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cluster::embedded::fields::shapes;

    fn patched(target: &Value, patch: &Value) -> Value {
        let mut target = target.clone();
        apply(&mut target, patch, shapes::of("", "Pod")).unwrap();
        target
    }

    fn containers(list: &Value) -> Value {
        json!({"spec": {"containers": list}})
    }

    #[test]
    fn keyed_lists_merge_by_key() {
        let target = containers(&json!([
            {"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]},
            {"name": "b", "image": "1"},
        ]));
        let patch = containers(&json!([
            {"name": "a", "image": "2", "env": [{"name": "Y", "value": "2"}]},
            {"name": "c", "image": "1"},
        ]));
        assert_eq!(
            patched(&target, &patch),
            containers(&json!([
                {"name": "a", "image": "2",
                    "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]},
                {"name": "b", "image": "1"},
                {"name": "c", "image": "1"},
            ]))
        );
    }

    #[test]
    fn items_are_deleted_and_lists_replaced_by_directive() {
        let target = containers(&json!([{"name": "a"}, {"name": "b"}]));
        let delete = containers(&json!([{"name": "a", "$patch": "delete"}]));
        assert_eq!(
            patched(&target, &delete),
            containers(&json!([{"name": "b"}]))
        );
        let replace = containers(&json!([{"name": "c"}, {"$patch": "replace"}]));
        assert_eq!(
            patched(&target, &replace),
            containers(&json!([{"name": "c"}]))
        );
    }

    #[test]
    fn lists_without_a_key_are_replaced_and_sets_united() {
        let target = json!({
            "metadata": {"finalizers": ["a", "b"]},
            "spec": {"tolerations": [{"key": "x"}]},
        });
        let patch = json!({
            "metadata": {"finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"]},
            "spec": {"tolerations": [{"key": "y"}]},
        });
        assert_eq!(
            patched(&target, &patch),
            json!({
                "metadata": {"finalizers": ["b", "c"]},
                "spec": {"tolerations": [{"key": "y"}]},
            })
        );
    }

    #[test]
    fn maps_are_merged_replaced_and_emptied() {
        let target = json!({"metadata": {"labels": {"a": "1", "b": "2"}}});
        let labels = |labels: Value| json!({"metadata": {"labels": labels}});
        let cases = [
            (json!({"a": null, "c": "3"}), json!({"b": "2", "c": "3"})),
            (json!({"$patch": "replace", "c": "3"}), json!({"c": "3"})),
            (json!({"$patch": "delete"}), json!({})),
            (
                json!({"$retainKeys": ["b", "c"], "c": "3"}),
                json!({"b": "2", "c": "3"}),
            ),
        ];
        for (patch, expected) in cases {
            assert_eq!(
                patched(&target, &labels(patch.clone())),
                labels(expected),
                "{patch}"
            );
        }
    }

    #[test]
    fn the_order_of_items_can_be_set() {
        let target = containers(&json!([{"name": "a"}, {"name": "x"}, {"name": "b"}]));
        let patch = json!({"spec": {
            "$setElementOrder/containers": [{"name": "b"}, {"name": "c"}, {"name": "a"}],
            "containers": [{"name": "c"}],
        }});
        let names: Vec<Value> = patched(&target, &patch)["spec"]["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].clone())
            .collect();
        assert_eq!(names, ["x", "b", "c", "a"]);
        let only_order = json!({"spec": {
            "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
        }});
        let reordered = patched(&target, &only_order);
        assert_eq!(
            reordered,
            containers(&json!([{"name": "x"}, {"name": "b"}, {"name": "a"}]))
        );
    }

    #[test]
    fn a_new_map_has_no_directives_and_no_nulls() {
        let patch = json!({"spec": {"securityContext": {"$patch": "replace", "a": null, "b": 1}}});
        assert_eq!(
            patched(&json!({}), &patch),
            json!({"spec": {"securityContext": {"b": 1}}})
        );
        let gone = json!({"spec": {"securityContext": {"$patch": "delete"}}});
        assert_eq!(patched(&json!({}), &gone), json!({"spec": {}}));
    }

    #[test]
    fn what_cannot_be_merged_is_refused() {
        let shape = shapes::of("", "Pod");
        for patch in [
            json!([]),
            json!({"$patch": "merg"}),
            json!({"spec": {"containers": [{"image": "x"}]}}),
            json!({"spec": {"containers": ["x"]}}),
            json!({"spec": {"$retainKeys": "x"}}),
            json!({"spec": {"$retainKeys": ["a"], "b": 1}}),
            json!({"spec": {"$deleteFromPrimitiveList/x": 1}}),
            json!({"spec": {"$setElementOrder/containers": 1}}),
        ] {
            apply(&mut json!({}), &patch, shape).unwrap_err();
        }
    }

    fn pod() -> impl Strategy<Value = Value> {
        let item = ("[a-c]", proptest::option::of("[x-z]"));
        let list = proptest::collection::btree_map(item.0, item.1, 0..3);
        let labels = proptest::collection::btree_map("[a-c]", proptest::option::of("[x-z]"), 0..3);
        (list, labels).prop_map(|(list, labels)| {
            let list: Vec<Value> = list
                .into_iter()
                .map(|(name, image)| json!({"name": name, "image": image}))
                .collect();
            json!({"metadata": {"labels": labels}, "spec": {"containers": list}})
        })
    }

    proptest! {
        #[test]
        fn applying_twice_is_applying_once(target in pod(), patch in pod()) {
            let once = patched(&target, &patch);
            prop_assert_eq!(patched(&once, &patch), once);
        }

        #[test]
        fn the_empty_patch_changes_nothing(target in pod()) {
            prop_assert_eq!(patched(&target, &json!({})), target);
        }
    }
}
