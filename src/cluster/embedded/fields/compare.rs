//! The difference between two values, as sets of fields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::PathElement;
use super::set::FieldSet;
use super::types::{FieldType, Items};

/// What one value has more, less or different than another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) added: FieldSet,
    pub(super) removed: FieldSet,
    pub(super) modified: FieldSet,
}

impl Comparison {
    /// Compares two values of one type.
    pub(super) fn of(old: &Value, new: &Value, field_type: FieldType<'_>) -> Self {
        let mut comparison = Self::default();
        comparison.compare(Some(old), Some(new), field_type, &mut Vec::new());
        comparison
    }

    /// Returns the fields that the new value sets.
    pub(super) fn set(&self) -> FieldSet {
        self.added.union(&self.modified)
    }

    /// Applies a filter to all three sets.
    pub(super) fn filter(self, keep: impl Fn(&FieldSet) -> FieldSet) -> Self {
        Self {
            added: keep(&self.added),
            removed: keep(&self.removed),
            modified: keep(&self.modified),
        }
    }

    fn compare(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        field_type: FieldType<'_>,
        path: &mut Vec<PathElement>,
    ) {
        // The same value in the same place has nothing to tell, however deep it is.
        if old == new {
            return;
        }
        let (old_map, new_map) = (
            as_container(old, Value::as_object),
            as_container(new, Value::as_object),
        );
        if let (Ok(old_map), Ok(new_map)) = (old_map, new_map)
            && (old_map.is_some() || new_map.is_some())
        {
            let empty = |map: Option<&Map<String, Value>>| map.is_none_or(Map::is_empty);
            if field_type.is_atomic_map() || (empty(old_map) && empty(new_map)) {
                return self.leaf(old, new, path);
            }
            self.members(old_map, new_map, field_type, path);
            return self.container(old, new, path);
        }
        let (old_list, new_list) = (
            as_container(old, Value::as_array),
            as_container(new, Value::as_array),
        );
        if let (Ok(old_list), Ok(new_list)) = (old_list, new_list)
            && (old_list.is_some() || new_list.is_some())
        {
            let empty = |list: Option<&Vec<Value>>| list.is_none_or(Vec::is_empty);
            let atomic = matches!(field_type.items(), Items::Atomic);
            if atomic || (empty(old_list) && empty(new_list)) {
                return self.leaf(old, new, path);
            }
            self.list(old_list, new_list, field_type, path);
            return self.container(old, new, path);
        }
        self.leaf(old, new, path);
    }

    fn leaf(&mut self, old: Option<&Value>, new: Option<&Value>, path: &[PathElement]) {
        match (old, new) {
            (None, _) => self.added.insert(path),
            (_, None) => self.removed.insert(path),
            _ if old != new => self.modified.insert(path),
            _ => {}
        }
    }

    /// A container that comes or goes counts as such, besides what is in it.
    fn container(&mut self, old: Option<&Value>, new: Option<&Value>, path: &[PathElement]) {
        if old.is_none() {
            self.added.insert(path);
        } else if new.is_none() {
            self.removed.insert(path);
        }
    }

    fn members(
        &mut self,
        old: Option<&Map<String, Value>>,
        new: Option<&Map<String, Value>>,
        field_type: FieldType<'_>,
        path: &mut Vec<PathElement>,
    ) {
        let keys: BTreeSet<&String> = old
            .into_iter()
            .chain(new)
            .flat_map(|map| map.keys())
            .collect();
        for key in keys {
            let (old, new) = (
                old.and_then(|map| map.get(key)),
                new.and_then(|map| map.get(key)),
            );
            path.push(PathElement::Field(key.clone()));
            self.compare(old, new, field_type.member(key).field_type, path);
            path.pop();
        }
    }

    fn list(
        &mut self,
        old: Option<&Vec<Value>>,
        new: Option<&Vec<Value>>,
        field_type: FieldType<'_>,
        path: &mut Vec<PathElement>,
    ) {
        let items = field_type.items();
        let mut named: BTreeMap<PathElement, [Vec<&Value>; 2]> = BTreeMap::new();
        for (side, list) in [old, new].into_iter().enumerate() {
            for item in list.into_iter().flatten() {
                if let Some(name) = items.name(item) {
                    named.entry(name).or_default()[side].push(item);
                }
            }
        }
        for (name, [old, new]) in named {
            path.push(name);
            if old.len() > 1 || new.len() > 1 {
                // Items that share a name are one value.
                match (old.is_empty(), new.is_empty()) {
                    (true, _) => self.added.insert(path),
                    (_, true) => self.removed.insert(path),
                    _ if old != new => self.modified.insert(path),
                    _ => {}
                }
            } else {
                let (old, new) = (old.first().copied(), new.first().copied());
                self.compare(old, new, field_type.item(), path);
            }
            path.pop();
        }
    }
}

/// Looks at a value as a container: null and nothing are an empty one, anything else is an error.
fn as_container<T>(
    value: Option<&Value>,
    cast: fn(&Value) -> Option<&T>,
) -> Result<Option<&T>, ()> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => cast(value).map(Some).ok_or(()),
    }
}
