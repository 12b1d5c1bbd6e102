//! The vocabulary of the table.

use serde_json::{Map, Value};

/// What is known about a value of a built-in kind.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A scalar, an atomic list, or a struct without anything special in it.
    Plain,
    /// A struct with members worth mentioning.
    Struct(&'static Struct),
    /// A map whose keys are data.
    Map(Owner),
    /// A list that is not simply one value.
    List(&'static List),
}

/// A struct.
#[derive(Debug)]
pub struct Struct {
    /// The members worth mentioning.
    pub fields: &'static [(&'static str, Shape)],
    /// Whether the struct has one owner.
    pub atomic: bool,
    /// Whether upstream always writes it, so that nobody owns it as such.
    pub always: bool,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// How server-side apply names its items.
    pub owner: Owner,
    /// How strategic merge patch merges it.
    pub merge: Merge,
    /// Its items.
    pub items: Shape,
}

/// Who owns the parts of a list or map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The whole has one owner.
    Atomic,
    /// Every value has one. For maps: every entry.
    Set,
    /// Every item has one and is named by these members.
    Keyed(&'static [&'static str]),
}

/// How strategic merge patch treats a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The patch replaces the list.
    Replace,
    /// Scalars are added.
    Union,
    /// Items with the same value of this member are merged.
    Key(&'static str),
}

impl Shape {
    /// Returns the shape of a member of a struct.
    #[must_use]
    pub fn field(self, name: &str) -> Self {
        let Self::Struct(structure) = self else {
            return Self::Plain;
        };
        let field = structure.fields.iter().find(|(field, _)| *field == name);
        field.map_or(Self::Plain, |(_, shape)| *shape)
    }

    /// Returns the shape of the items of a list.
    #[must_use]
    pub fn item(self) -> Self {
        match self {
            Self::List(list) => list.items,
            Self::Plain | Self::Struct(_) | Self::Map(_) => Self::Plain,
        }
    }

    /// Returns how strategic merge patch treats the value when it is a list.
    pub fn merge(self) -> Merge {
        match self {
            Self::List(list) => list.merge,
            Self::Plain | Self::Struct(_) | Self::Map(_) => Merge::Replace,
        }
    }

    /// Tells whether a map or struct has one owner.
    pub fn is_atomic_map(self) -> bool {
        match self {
            Self::Struct(structure) => structure.atomic,
            Self::Map(owner) => owner == Owner::Atomic,
            Self::Plain | Self::List(_) => false,
        }
    }

    /// Adds the members that upstream always writes.
    pub(in super::super) fn fill_zero(self, zero: &mut Map<String, Value>) {
        let Self::Struct(structure) = self else {
            return;
        };
        for (name, shape) in structure.fields {
            if let Self::Struct(below) = shape
                && below.always
            {
                let mut inner = Map::new();
                shape.fill_zero(&mut inner);
                zero.insert((*name).to_owned(), Value::Object(inner));
            }
        }
    }
}

/// Returns what a missing identifying member stands for; only protocols have a default.
pub fn key_default(name: &str) -> Option<&'static str> {
    (name == "protocol").then_some("TCP")
}

/// A map with one owner per entry.
pub(super) const ENTRIES: Shape = Shape::Map(Owner::Set);
/// A map with one owner.
pub(super) const ATOMIC_MAP: Shape = Shape::Map(Owner::Atomic);
/// A struct that is always written and has nothing special in it.
pub(super) static BLANK: Struct = Struct {
    fields: &[],
    atomic: false,
    always: true,
};
/// A struct with one owner.
pub(super) static ONE: Struct = Struct {
    fields: &[],
    atomic: true,
    always: false,
};
/// A struct with one owner that is always written.
pub(super) static ONE_ALWAYS: Struct = Struct {
    fields: &[],
    atomic: true,
    always: true,
};

/// A struct that is always written.
pub(super) const fn always(fields: &'static [(&'static str, Shape)]) -> Struct {
    Struct {
        fields,
        atomic: false,
        always: true,
    }
}

/// A struct that may be missing.
pub(super) const fn optional(fields: &'static [(&'static str, Shape)]) -> Struct {
    Struct {
        fields,
        atomic: false,
        always: false,
    }
}

/// A list keyed by one member in both ways of writing.
pub(super) const fn keyed(
    keys: &'static [&'static str],
    merge: &'static str,
    items: Shape,
) -> List {
    List {
        owner: Owner::Keyed(keys),
        merge: Merge::Key(merge),
        items,
    }
}
