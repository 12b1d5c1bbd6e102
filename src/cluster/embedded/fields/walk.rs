//! The fields of a value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::path::{PathElement, display};
use super::set::FieldSet;
use super::types::{FieldType, Items};

/// Returns the paths that the writer of this value owns.
pub(super) fn fields_of(value: &Value, field_type: FieldType<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    walk(value, field_type, &mut Vec::new(), &mut set, false);
    set
}

/// Returns every path of this value; unlike [`fields_of`], also those of empty keyed lists.
pub(super) fn all_fields_of(value: &Value, field_type: FieldType<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    walk(value, field_type, &mut Vec::new(), &mut set, true);
    set
}

fn walk(
    value: &Value,
    field_type: FieldType<'_>,
    path: &mut Vec<PathElement>,
    set: &mut FieldSet,
    empty_lists: bool,
) {
    match value {
        Value::Object(map) if !field_type.is_atomic_map() => {
            for (key, value) in map {
                let member = field_type.member(key);
                path.push(PathElement::Field(key.clone()));
                walk(value, member.field_type, path, set, empty_lists);
                let empty =
                    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
                if empty || !member.named {
                    set.insert(path);
                }
                path.pop();
            }
        }
        Value::Array(list) if !matches!(field_type.items(), Items::Atomic) => {
            if empty_lists && list.is_empty() {
                set.insert(path);
            }
            let items = field_type.items();
            for item in list {
                let Some(name) = items.name(item) else {
                    continue;
                };
                path.push(name);
                walk(item, field_type.item(), path, set, empty_lists);
                set.insert(path);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

/// Collects what keeps a value from being of its type: unknown members, items that cannot be named
/// or occur twice, a list where a map is due and the other way round.
pub(super) fn type_problems(value: &Value, field_type: FieldType<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    check(value, field_type, &mut Vec::new(), &mut problems);
    problems
}

fn check(
    value: &Value,
    field_type: FieldType<'_>,
    path: &mut Vec<PathElement>,
    problems: &mut Vec<String>,
) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let member = field_type.member(key);
                path.push(PathElement::Field(key.clone()));
                if member.unknown {
                    problems.push(format!("{}: field not declared in schema", display(path)));
                } else {
                    check(value, member.field_type, path, problems);
                }
                path.pop();
            }
        }
        Value::Array(list) => {
            let items = field_type.items();
            let mut seen = BTreeSet::new();
            for (index, item) in list.iter().enumerate() {
                let name = items.name(item);
                if !matches!(items, Items::Atomic) {
                    match &name {
                        None => problems.push(format!(
                            "{}: element {index}: associative list with keys has an element that \
                             omits all key fields",
                            display(path)
                        )),
                        Some(name) if !seen.insert(name.clone()) => problems.push(format!(
                            "{}: duplicate entries for key {name}",
                            display(path)
                        )),
                        Some(_) => {}
                    }
                }
                path.push(name.unwrap_or(PathElement::Index(index)));
                check(item, field_type.item(), path, problems);
                path.pop();
            }
        }
        _ => {}
    }
}
