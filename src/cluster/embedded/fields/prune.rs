//! Dropping the fields that an applier no longer applies.

use serde_json::Value;

use super::managed::ManagedFields;
use super::path::PathElement;
use super::remove::{Emptied, remove};
use super::set::FieldSet;
use super::types::FieldType;
use super::walk::all_fields_of;

/// Removes from `merged` what the last applied set had, unless somebody owns it now.
///
/// `others` are the entries of everybody else and `applied` is the new set of the applier. Fields
/// that nobody ever owned, such as defaults, stay unless they lie below a field that goes.
pub(super) fn prune(
    merged: &Value,
    others: &ManagedFields,
    applied: &FieldSet,
    last: Option<&FieldSet>,
    field_type: FieldType<'_>,
) -> Value {
    let Some(last) = last.filter(|last| !last.is_empty()) else {
        return merged.clone();
    };
    let named = |set: &FieldSet| with_named_parents(set, field_type);
    let all = named(&all_fields_of(merged, field_type));
    // What goes if nothing but the last set counts.
    let last = named(last);
    let pruned = remove(merged, &last, field_type, Emptied::Null);
    // What others own, or the applier still applies, comes back.
    let owned = others
        .entries
        .iter()
        .fold(applied.clone(), |all, entry| all.union(&entry.set));
    let left = named(&all_fields_of(&pruned, field_type)).union(&named(&owned));
    let pruned = remove(merged, &all.difference(&left), field_type, Emptied::Null);
    // What nobody owned and only went along with it comes back, too.
    let gone = all.difference(&named(&all_fields_of(&pruned, field_type)));
    remove(
        merged,
        &gone.intersection(&last),
        field_type,
        Emptied::KeptIn(applied),
    )
}

/// Adds every struct member below which the set has a field.
///
/// Such members are not owned as such, but go when all that was owned below them goes.
fn with_named_parents(set: &FieldSet, field_type: FieldType<'_>) -> FieldSet {
    let mut named = FieldSet {
        members: set.members.clone(),
        ..FieldSet::default()
    };
    for (step, child) in &set.children {
        let below = match step {
            PathElement::Field(name) => {
                let member = field_type.member(name);
                if member.named {
                    named.members.insert(step.clone());
                }
                member.field_type
            }
            PathElement::Key(_) | PathElement::Value(_) | PathElement::Index(_) => {
                field_type.item()
            }
        };
        named
            .children
            .insert(step.clone(), with_named_parents(child, below));
    }
    named
}
