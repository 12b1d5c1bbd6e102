//! `metadata.managedFields`: one set of fields per manager, operation, version and subresource.

use serde_json::{Map, Value};

use super::set::FieldSet;
use super::writer::Writer;

/// More managers than this that only updated are folded into one.
const MAX_UPDATERS: usize = 10;

/// The manager into which old ones are folded.
const ANCIENT: &str = "ancient-changes";

/// How a manager came to own its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// By server-side apply; what it no longer applies is removed.
    Apply,
    /// By any other write.
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// The fields of one manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the manager.
    pub manager: String,
    /// How it came to own the fields.
    pub operation: Operation,
    /// The version in which it wrote.
    pub api_version: String,
    /// The subresource through which it wrote, or empty.
    pub subresource: String,
    /// When it last changed a field or its set.
    pub time: Option<String>,
    /// The fields.
    pub set: FieldSet,
}

/// Every entry of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagedFields {
    /// The entries, in the order in which they are written.
    pub entries: Vec<Entry>,
}

impl Entry {
    pub(super) fn new(writer: &Writer<'_>, operation: Operation, set: FieldSet) -> Self {
        Self {
            manager: writer.manager.to_owned(),
            operation,
            api_version: writer.api_version.to_owned(),
            subresource: writer.subresource.to_owned(),
            time: Some(writer.now.to_owned()),
            set,
        }
    }

    /// Tells whether this is the entry of that writer. Appliers keep theirs across versions.
    pub(super) fn is_of(&self, writer: &Writer<'_>, operation: Operation) -> bool {
        self.operation == operation
            && self.manager == writer.manager
            && self.subresource == writer.subresource
            && (operation == Operation::Apply || self.api_version == writer.api_version)
    }

    fn decode(entry: &Value) -> Option<Self> {
        let text = |key: &str| {
            entry
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let operation = match text("operation").as_str() {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        let empty = Value::Object(Map::new());
        Some(Self {
            manager: text("manager"),
            operation,
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: entry
                .get("time")
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
            set: FieldSet::decode(entry.get("fieldsV1").unwrap_or(&empty))?,
        })
    }

    fn encode(&self) -> Value {
        let mut entry = Map::new();
        let mut put = |key: &str, value: &str| {
            if !value.is_empty() {
                entry.insert(key.to_owned(), Value::from(value));
            }
        };
        put("manager", &self.manager);
        put("operation", self.operation.as_str());
        put("apiVersion", &self.api_version);
        put("time", self.time.as_deref().unwrap_or_default());
        put("fieldsType", "FieldsV1");
        entry.insert("fieldsV1".to_owned(), self.set.encode());
        if !self.subresource.is_empty() {
            entry.insert(
                "subresource".to_owned(),
                Value::from(self.subresource.as_str()),
            );
        }
        Value::Object(entry)
    }

    fn sort_key(&self) -> impl Ord + '_ {
        (
            self.operation,
            &self.time,
            &self.manager,
            &self.api_version,
            &self.subresource,
        )
    }
}

impl ManagedFields {
    /// Reads the entries of an object; none when one of them is malformed, as upstream does.
    pub fn of(object: &Value) -> Self {
        let list = object
            .get("metadata")
            .and_then(|metadata| metadata.get("managedFields"));
        list.and_then(Self::decode).unwrap_or_default()
    }

    /// Reads the list of entries.
    pub fn decode(list: &Value) -> Option<Self> {
        let entries: Option<Vec<Entry>> = list.as_array()?.iter().map(Entry::decode).collect();
        let mut entries = entries?;
        entries.retain(|entry| !entry.set.is_empty());
        Some(Self { entries })
    }

    /// Writes the list of entries.
    pub fn encode(&self) -> Value {
        Value::Array(self.entries.iter().map(Entry::encode).collect())
    }

    /// Replaces the entries of an object; without any, the member goes.
    pub fn store(&self, object: &mut Value) {
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        if self.entries.is_empty() {
            metadata.shift_remove("managedFields");
        } else {
            metadata.insert("managedFields".to_owned(), self.encode());
        }
    }

    /// Drops empty entries, folds the oldest updaters when there are too many, and sorts.
    pub(super) fn tidy(&mut self) {
        self.entries.retain(|entry| !entry.set.is_empty());
        self.entries.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let updater = |entry: &Entry| entry.operation == Operation::Update;
        while self.entries.iter().filter(|entry| updater(entry)).count() > MAX_UPDATERS {
            // Entries are sorted by time, so the first updater is the oldest.
            let oldest = |entry: &Entry| updater(entry) && entry.manager != ANCIENT;
            let Some(oldest) = self.entries.iter().position(oldest) else {
                return;
            };
            let oldest = self.entries.remove(oldest);
            match self
                .entries
                .iter_mut()
                .find(|entry| entry.manager == ANCIENT)
            {
                Some(ancient) => {
                    ancient.set = ancient.set.union(&oldest.set);
                    ancient.time = oldest.time;
                }
                None => self.entries.push(Entry {
                    manager: ANCIENT.to_owned(),
                    subresource: String::new(),
                    ..oldest
                }),
            }
            self.entries.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        }
    }
}

/// Returns the object without its managed fields.
pub(super) fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    object
}
