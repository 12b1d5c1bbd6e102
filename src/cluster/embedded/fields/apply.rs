//! Server-side apply.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thiserror::Error;

use super::compare::Comparison;
use super::last_applied;
use super::managed::{Entry, ManagedFields, Operation, without_managed_fields};
use super::merge::merge;
use super::path::display;
use super::prune::prune;
use super::set::FieldSet;
use super::types::FieldType;
use super::update::take_over;
use super::walk::{fields_of, type_problems};
use super::writer::Writer;
use crate::cluster::embedded::schema::meta;
use crate::cluster::embedded::status::Status;

/// The owner of everything that was there before the first apply.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// A field that the applier wants to change and somebody else owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The path, for example `.spec.region`.
    pub field: String,
    /// The owner as messages name it: `"m" using v1`.
    pub owner: String,
}

/// Why an apply was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// The applied object carries `managedFields`.
    #[error("metadata.managedFields must be nil")]
    ManagedFieldsSet,
    /// The applied object is of another version than the path.
    #[error(
        "Incorrect version specified in apply patch. Specified patch version: {specified}, \
         expected: {expected}"
    )]
    WrongVersion {
        /// The version in the body.
        specified: String,
        /// The version of the path.
        expected: String,
    },
    /// The applied object does not fit the type of the kind.
    #[error("failed to create typed patch object ({object}): {problems}")]
    NotTyped {
        /// Namespace, name, version and kind.
        object: String,
        /// What does not fit.
        problems: String,
    },
    /// Others own what the applier wants to change.
    #[error("{}", conflict_message(.0))]
    Conflicts(Vec<Conflict>),
}

impl From<ApplyError> for Status {
    fn from(error: ApplyError) -> Self {
        let message = error.to_string();
        match error {
            ApplyError::ManagedFieldsSet | ApplyError::WrongVersion { .. } => {
                Self::bad_request(message)
            }
            ApplyError::NotTyped { .. } => Self::new(500, "", message),
            ApplyError::Conflicts(conflicts) => conflicts.into_iter().fold(
                Self::new(409, "Conflict", message),
                |status, conflict| {
                    let why = format!("conflict with {}", conflict.owner);
                    status.with_cause("FieldManagerConflict", why, conflict.field)
                },
            ),
        }
    }
}

/// Merges `applied` into `live` on behalf of a writer and returns the new object, its
/// `managedFields` included.
///
/// `live` is `None` when the object is to be created. Fields that the writer applied before and
/// leaves out now are removed unless somebody else owns them. Applying what is there already
/// changes nothing, not even a time.
pub fn apply(
    live: Option<&Value>,
    applied: &Value,
    writer: &Writer<'_>,
    force: bool,
    types: FieldType<'_>,
) -> Result<Value, ApplyError> {
    check(applied, writer, types)?;
    let mut managed = live.map(ManagedFields::of).unwrap_or_default();
    let nothing =
        || json!({"apiVersion": applied["apiVersion"], "kind": applied["kind"], "metadata": {}});
    let bare = live.map_or_else(nothing, without_managed_fields);
    if let Some(live) = live
        && managed.entries.is_empty()
    {
        let before = Writer {
            manager: BEFORE_FIRST_APPLY,
            ..*writer
        };
        take_over(&mut managed, &types.zero(live), &bare, &before, types);
    }

    let last = managed
        .entries
        .iter()
        .position(|entry| entry.is_of(writer, Operation::Apply));
    let last = last.map(|index| managed.entries.remove(index));
    let set = writer.owned(&fields_of(applied, types));
    let mut mine = Entry::new(writer, Operation::Apply, set);

    let merged = merge(&bare, applied, types);
    let last_set = last.as_ref().map(|last| &last.set);
    let mut object = prune(&merged, &managed, &mine.set, last_set, types);
    let comparison = Comparison::of(&bare, &object, types).filter(|fields| writer.owned(fields));
    let wanted = comparison.set();
    let conflicts = conflicts(&managed, &wanted);
    if !force && !conflicts.is_empty() && !excused(&conflicts, &bare, writer, types) {
        return Err(ApplyError::Conflicts(describe(conflicts)));
    }
    for entry in &mut managed.entries {
        entry.set = entry
            .set
            .difference(&wanted)
            .difference(&comparison.removed);
    }
    if let Some(last) = last
        && object == bare
        && last.set == mine.set
    {
        mine.time = last.time;
    }
    managed.entries.push(mine);
    managed.tidy();
    if writer.manager == last_applied::KUBECTL {
        last_applied::refresh(&mut object, applied);
    }
    managed.store(&mut object);
    Ok(object)
}

fn check(applied: &Value, writer: &Writer<'_>, types: FieldType<'_>) -> Result<(), ApplyError> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let metadata = applied.get("metadata");
    let member = |key: &str| metadata.and_then(|metadata| metadata.get(key));
    if member("managedFields").is_some_and(|list| !list.is_null()) {
        return Err(ApplyError::ManagedFieldsSet);
    }
    let specified = text(applied.get("apiVersion"));
    if specified != writer.api_version {
        return Err(ApplyError::WrongVersion {
            specified,
            expected: writer.api_version.to_owned(),
        });
    }
    check_typed(applied, types)
}

/// Checks that an applied object fits the type of its kind.
///
/// Unlike any other write, upstream refuses to apply members that the schema does not declare, so
/// this has to see the object as the client sent it.
pub fn check_typed(applied: &Value, types: FieldType<'_>) -> Result<(), ApplyError> {
    let mut problems = type_problems(applied, types);
    let metadata = applied.get("metadata");
    if matches!(types, FieldType::Schema { .. }) {
        let members = metadata.and_then(Value::as_object).into_iter().flatten();
        let foreign = members
            .map(|(key, _)| key)
            .filter(|key| !meta::is_member(key));
        let unknown = |key: &String| format!(".metadata.{key}: field not declared in schema");
        problems.extend(foreign.map(unknown));
    }
    if problems.is_empty() {
        return Ok(());
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let member = |key: &str| metadata.and_then(|metadata| metadata.get(key));
    let specified = text(applied.get("apiVersion"));
    let (namespace, name) = (text(member("namespace")), text(member("name")));
    let kind = text(applied.get("kind"));
    let problems = match problems.as_slice() {
        [one] => one.clone(),
        many => {
            let lines: Vec<String> = many.iter().map(|problem| format!("  {problem}")).collect();
            format!("errors:\n{}", lines.join("\n"))
        }
    };
    let object = format!("{namespace}/{name}; {specified}, Kind={kind}");
    Err(ApplyError::NotTyped { object, problems })
}

/// Returns, per owner, the fields it owns and the applier wants.
fn conflicts<'a>(managed: &'a ManagedFields, wanted: &FieldSet) -> Vec<(&'a Entry, FieldSet)> {
    let overlaps = managed
        .entries
        .iter()
        .map(|entry| (entry, entry.set.intersection(wanted)));
    overlaps
        .filter(|(_, overlap)| !overlap.is_empty())
        .collect()
}

/// Conflicts of kubectl with its own client-side apply are none.
fn excused(
    conflicts: &[(&Entry, FieldSet)],
    live: &Value,
    writer: &Writer<'_>,
    types: FieldType<'_>,
) -> bool {
    if writer.manager != last_applied::KUBECTL {
        return false;
    }
    let Some(last) = last_applied::fields(live, types) else {
        return false;
    };
    conflicts
        .iter()
        .all(|(_, fields)| fields.difference(&last).is_empty())
}

fn describe(conflicts: Vec<(&Entry, FieldSet)>) -> Vec<Conflict> {
    let mut described: Vec<Conflict> = conflicts
        .into_iter()
        .flat_map(|(entry, fields)| {
            let owner = owner(entry);
            fields.paths().into_iter().map(move |path| Conflict {
                field: display(&path),
                owner: owner.clone(),
            })
        })
        .collect();
    described.sort_by(|a, b| (&a.owner, &a.field).cmp(&(&b.owner, &b.field)));
    described
}

fn owner(entry: &Entry) -> String {
    let mut owner = format!("{:?}", entry.manager);
    if !entry.subresource.is_empty() {
        owner = format!("{owner} with subresource {:?}", entry.subresource);
    }
    match entry.operation {
        Operation::Apply => owner,
        Operation::Update => format!("{owner} using {}", entry.api_version),
    }
}

fn conflict_message(conflicts: &[Conflict]) -> String {
    if let [only] = conflicts {
        let Conflict { field, owner } = only;
        return format!("Apply failed with 1 conflict: conflict with {owner}: {field}");
    }
    let mut by_owner: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for conflict in conflicts {
        by_owner
            .entry(&conflict.owner)
            .or_default()
            .push(&conflict.field);
    }
    let blocks: Vec<String> = by_owner
        .into_iter()
        .map(|(owner, fields)| {
            let (word, list) = match fields.as_slice() {
                [only] => ("conflict", format!(" {only}")),
                many => ("conflicts", format!("\n- {}", many.join("\n- "))),
            };
            format!("{word} with {owner}:{list}")
        })
        .collect();
    format!(
        "Apply failed with {} conflicts: {}",
        conflicts.len(),
        blocks.join("\n")
    )
}

#[cfg(test)]
mod tests;
