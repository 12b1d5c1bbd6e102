//! One served kind: the data that makes the generic verbs work for it.

use std::sync::Arc;

use serde_json::Value;

use super::{RoundTrip, Strategy};
use crate::cluster::embedded::schema::Structural;
use crate::cluster::embedded::store::Object;

/// Whether objects live in namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Objects live in a namespace.
    Namespaced,
    /// Objects live at the top.
    Cluster,
}

/// Where a kind comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    BuiltIn,
    /// Defined by a custom resource definition.
    Custom,
}

/// Identity of a set of stored objects, shared by all versions (and views) of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// API group under which objects are stored.
    pub group: String,
    /// Plural resource name.
    pub plural: String,
}

impl ResourceId {
    /// An identity from its parts.
    pub fn new(group: impl Into<String>, plural: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            plural: plural.into(),
        }
    }

    /// The identity of namespaces.
    pub fn namespaces() -> Self {
        Self::new("", "namespaces")
    }
}

/// The three paths of a scale subresource, with the leading dot as in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalePaths {
    /// `specReplicasPath`.
    pub spec_replicas: String,
    /// `statusReplicasPath`.
    pub status_replicas: String,
    /// `labelSelectorPath`.
    pub label_selector: Option<String>,
}

/// A subresource that is neither `status` nor `scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraSubresource {
    /// Name in the path.
    pub name: &'static str,
    /// Group, version and kind of its body; an empty group and version mean those of the parent.
    pub group_version_kind: (&'static str, &'static str, &'static str),
    /// Verbs it answers.
    pub verbs: &'static [&'static str],
}

/// The subresources a kind has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subresources {
    /// Whether `status` exists; if so main writes never touch `.status`.
    pub status: bool,
    /// The `scale` mapping.
    pub scale: Option<ScalePaths>,
    /// Everything else.
    pub extra: Vec<ExtraSubresource>,
}

/// One printer column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Title.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub column_type: String,
    /// `format`, for example `name`.
    pub format: String,
    /// Help text.
    pub description: String,
    /// 0 is always shown, larger ones with `-o wide`.
    pub priority: i32,
    /// JSONPath of the cell (with leading dot), for custom kinds.
    pub json_path: String,
}

/// One version of one kind.
#[derive(Debug, Clone)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: String,
    /// This served version.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Kind of lists.
    pub list_kind: String,
    /// Plural resource name.
    pub plural: String,
    /// Singular resource name.
    pub singular: String,
    /// Short names.
    pub short_names: Vec<String>,
    /// Categories such as `all`.
    pub categories: Vec<String>,
    /// Scope.
    pub scope: Scope,
    /// Origin.
    pub origin: Origin,
    /// Verbs of the main resource, sorted.
    pub verbs: Vec<&'static str>,
    /// Subresources.
    pub subresources: Subresources,
    /// Printer columns of a custom kind; built-in kinds have columns of their own in the table code.
    pub columns: Vec<Column>,
    /// The `openAPIV3Schema` of a custom kind as it was written.
    pub raw_schema: Option<Arc<Value>>,
    /// The same, ready for pruning, defaulting and validation.
    pub schema: Option<Arc<Structural>>,
    /// Paths of `selectableFields`, without the leading dot.
    pub selectable_fields: Vec<String>,
    /// The version objects are stored in.
    pub storage_version: String,
    /// Where objects are stored.
    pub resource: Arc<ResourceId>,
    /// The rules of the kind that are code.
    pub strategy: &'static Strategy,
    /// The type that bodies of a built-in kind must fit.
    pub round_trip: Option<RoundTrip>,
}

impl Kind {
    /// `group/version`, or just the version in the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether objects live in namespaces.
    pub fn is_namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }

    /// A stored object as this version shows it: the same one when it is stored in this version.
    pub fn show(&self, object: &Arc<Object>) -> Arc<Object> {
        if self.is_stored_form() {
            return Arc::clone(object);
        }
        Arc::new(Object::new(
            self.shown(object.value().clone()),
            object.version(),
        ))
    }

    /// The same for a tree.
    pub fn shown(&self, mut value: Value) -> Value {
        if let Some(view) = &self.strategy.view {
            (view.from_storage)(&mut value);
        } else if self.version != self.storage_version {
            value["apiVersion"] = self.api_version().into();
        }
        value
    }

    /// Whether a tree of this version is also the stored form.
    pub fn is_stored_form(&self) -> bool {
        self.strategy.view.is_none() && self.version == self.storage_version
    }

    /// A tree of this version as it is stored.
    pub fn stored(&self, mut value: Value) -> Value {
        if let Some(view) = &self.strategy.view {
            (view.to_storage)(&mut value);
        } else if self.version != self.storage_version {
            let group = &self.group;
            value["apiVersion"] = format!("{group}/{}", self.storage_version).into();
        }
        value
    }

    /// Whether the kind comes from a definition.
    pub fn is_custom(&self) -> bool {
        self.origin == Origin::Custom
    }
}
