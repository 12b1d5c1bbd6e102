//! What the owner of a value is: the value as one, or its items and members.

use serde_json::{Map, Value};

use super::path::PathElement;
use super::shapes::{self, Owner, Shape};
use crate::cluster::embedded::schema::{ListType, MapType, Structural};

/// The type of a value as far as ownership is concerned.
#[derive(Debug, Clone, Copy)]
pub enum FieldType<'a> {
    /// Described by the schema of a custom resource.
    Schema {
        /// The schema.
        schema: &'a Structural,
        /// Whether the value is a whole resource, with metadata.
        resource: bool,
    },
    /// Described by the built-in table.
    Shape(Shape),
    /// Not described: maps are owned member by member, lists as one.
    Deduced,
}

/// How the items of a list are named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Items<'a> {
    /// Not at all: the list is one value.
    Atomic,
    /// By their value.
    Set,
    /// By these members.
    Keyed(Keys<'a>),
}

/// The members that identify an item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keys<'a> {
    Schema(&'a Structural, &'a [String]),
    Table(&'static [&'static str]),
}

/// The type of a member of a map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) field_type: FieldType<'a>,
    /// Whether the name belongs to the type; if not, it is data, as the key of a label.
    pub(super) named: bool,
    /// Whether the type knows no such member and has no place for others.
    pub(super) unknown: bool,
}

impl<'a> FieldType<'a> {
    /// Returns the type of a custom resource with this schema.
    pub fn custom(schema: &'a Structural) -> Self {
        Self::Schema {
            schema,
            resource: true,
        }
    }

    /// Returns the type of a built-in kind.
    pub fn built_in(group: &str, kind: &str) -> Self {
        Self::Shape(shapes::of(group, kind))
    }

    pub(super) fn items(self) -> Items<'a> {
        match self {
            Self::Schema { schema, .. } => match schema.list_type() {
                ListType::Atomic => Items::Atomic,
                ListType::Set => Items::Set,
                ListType::Map(keys) => Items::Keyed(Keys::Schema(schema, keys)),
            },
            Self::Shape(Shape::List(list)) => match list.owner {
                Owner::Atomic => Items::Atomic,
                Owner::Set => Items::Set,
                Owner::Keyed(keys) => Items::Keyed(Keys::Table(keys)),
            },
            Self::Shape(_) | Self::Deduced => Items::Atomic,
        }
    }

    /// Returns the type of the items of a list.
    pub(super) fn item(self) -> Self {
        match self {
            Self::Schema { schema, .. } => match schema.items() {
                Some(schema) => Self::Schema {
                    schema,
                    resource: schema.is_embedded_resource(),
                },
                None => Self::Deduced,
            },
            Self::Shape(Shape::List(list)) => Self::Shape(list.items),
            Self::Shape(_) | Self::Deduced => Self::Deduced,
        }
    }

    /// Tells whether a map is owned as one value.
    pub(super) fn is_atomic_map(self) -> bool {
        match self {
            Self::Schema { schema, .. } => schema.map_type() == MapType::Atomic,
            Self::Shape(shape) => shape.is_atomic_map(),
            Self::Deduced => false,
        }
    }

    pub(super) fn member(self, name: &str) -> Member<'a> {
        let known = |field_type| Member {
            field_type,
            named: true,
            unknown: false,
        };
        let data = |field_type| Member {
            field_type,
            named: false,
            unknown: false,
        };
        match self {
            Self::Schema { schema, resource } => {
                if resource {
                    match name {
                        "metadata" => return known(Self::Shape(Shape::Struct(&shapes::METADATA))),
                        "apiVersion" | "kind" => return known(Self::Deduced),
                        _ => {}
                    }
                }
                let below = |schema: &'a Structural| Self::Schema {
                    schema,
                    resource: schema.is_embedded_resource(),
                };
                if let Some(property) = schema.property(name) {
                    known(below(property))
                } else if let Some(additional) = schema.additional_schema() {
                    data(below(additional))
                } else {
                    let unknown = !schema.accepts_unknown();
                    Member {
                        field_type: Self::Deduced,
                        named: false,
                        unknown,
                    }
                }
            }
            Self::Shape(Shape::Map(_)) | Self::Deduced => data(Self::Deduced),
            Self::Shape(shape) => known(Self::Shape(shape.field(name))),
        }
    }

    /// Returns the empty object that a write is compared with when there is no older one.
    ///
    /// Structs that upstream never leaves out are there, so that nobody owns them as such.
    pub(super) fn zero(self, object: &Value) -> Value {
        let mut zero = Map::new();
        if let Self::Shape(shape) = self {
            shape.fill_zero(&mut zero);
        }
        for key in ["apiVersion", "kind"] {
            if let Some(value) = object.get(key) {
                zero.insert(key.to_owned(), value.clone());
            }
        }
        zero.entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()));
        Value::Object(zero)
    }
}

impl Items<'_> {
    /// Names an item, or returns `None` when it lacks what identifies it.
    pub(super) fn name(self, item: &Value) -> Option<PathElement> {
        match self {
            Self::Atomic => None,
            Self::Set => Some(PathElement::Value(item.to_string())),
            Self::Keyed(keys) => {
                let object = item.as_object()?;
                let members: Vec<(String, Value)> = keys
                    .names()
                    .filter_map(|name| {
                        let value = object.get(name).cloned().or_else(|| keys.default(name))?;
                        Some((name.to_owned(), value))
                    })
                    .collect();
                (!members.is_empty()).then(|| PathElement::key(members))
            }
        }
    }
}

impl<'a> Keys<'a> {
    fn names(self) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self {
            Self::Schema(_, names) => Box::new(names.iter().map(String::as_str)),
            Self::Table(names) => Box::new(names.iter().copied()),
        }
    }

    fn default(self, name: &str) -> Option<Value> {
        match self {
            Self::Schema(schema, _) => schema
                .items()
                .and_then(|items| items.property(name))?
                .default_value()
                .cloned(),
            Self::Table(_) => shapes::key_default(name).map(Value::from),
        }
    }
}
