//! Ownership after a create, an update or a patch that is not an apply.

use serde_json::Value;

use super::compare::Comparison;
use super::managed::{Entry, ManagedFields, Operation, without_managed_fields};
use super::types::FieldType;
use super::writer::Writer;

/// Records in `new` who owns its fields, given the object as it was.
///
/// The writer comes to own what it added or changed; everybody loses what it removed or changed. A
/// write that changes nothing leaves the entries and their times alone. A body with a
/// `managedFields` list of its own replaces the entries, and `[{}]` clears them for good.
pub fn update(old: Option<&Value>, new: &mut Value, writer: &Writer<'_>, types: FieldType<'_>) {
    let mut managed = entries_before(old, new, writer);
    let tracked = old.is_none_or(|old| !has_uid(old)) || !managed.entries.is_empty();
    if tracked {
        let bare_new = without_managed_fields(new);
        let bare_old = old.map_or_else(|| types.zero(new), without_managed_fields);
        take_over(&mut managed, &bare_old, &bare_new, writer, types);
        managed.tidy();
    }
    managed.store(new);
}

/// Moves what differs between two objects to the writer.
pub(super) fn take_over(
    managed: &mut ManagedFields,
    old: &Value,
    new: &Value,
    writer: &Writer<'_>,
    types: FieldType<'_>,
) {
    let comparison = Comparison::of(old, new, types).filter(|fields| writer.owned(fields));
    let set = comparison.set();
    for entry in &mut managed.entries {
        entry.set = entry.set.difference(&set).difference(&comparison.removed);
    }
    if set.is_empty() {
        return;
    }
    let mine = managed
        .entries
        .iter_mut()
        .find(|entry| entry.is_of(writer, Operation::Update));
    match mine {
        Some(mine) => {
            mine.set = mine.set.union(&set);
            mine.time = Some(writer.now.to_owned());
        }
        None => managed
            .entries
            .push(Entry::new(writer, Operation::Update, set)),
    }
}

/// Returns the entries to start from: those of the body if it has some, else those of the object.
fn entries_before(old: Option<&Value>, new: &Value, writer: &Writer<'_>) -> ManagedFields {
    let live = || old.map(ManagedFields::of).unwrap_or_default();
    // Through a subresource nobody can change the entries.
    if !writer.subresource.is_empty() {
        return live();
    }
    let body = new
        .get("metadata")
        .and_then(|metadata| metadata.get("managedFields"));
    if let Some(Value::Array(list)) = body
        && let [only] = list.as_slice()
        && only.as_object().is_some_and(serde_json::Map::is_empty)
    {
        return ManagedFields::default();
    }
    match body.and_then(ManagedFields::decode) {
        Some(managed) if !managed.entries.is_empty() => managed,
        _ => live(),
    }
}

fn has_uid(object: &Value) -> bool {
    let uid = object
        .get("metadata")
        .and_then(|metadata| metadata.get("uid"));
    uid.and_then(Value::as_str)
        .is_some_and(|uid| !uid.is_empty())
}
