//! Pieces that many kinds share.

use super::shape::{
    ATOMIC_MAP, ENTRIES, List, Merge, ONE, Owner, Shape, Struct, always, keyed, optional,
};

/// The metadata of every object.
pub static METADATA: Struct = always(&[
    ("labels", ENTRIES),
    ("annotations", ENTRIES),
    ("ownerReferences", Shape::List(&OWNER_REFERENCES)),
    ("finalizers", Shape::List(&SCALARS)),
]);

static OWNER_REFERENCES: List = keyed(&["uid"], "uid", Shape::Struct(&ONE));

/// A list of scalars that is a set in both ways of writing.
pub(super) static SCALARS: List = List {
    owner: Owner::Set,
    merge: Merge::Union,
    items: Shape::Plain,
};

/// Conditions, keyed by their type.
pub(super) static CONDITIONS: List = keyed(&["type"], "type", Shape::Plain);

/// Conditions of kinds that strategic merge patch replaces.
pub(super) static CONDITIONS_REPLACED: List = List {
    owner: Owner::Keyed(&["type"]),
    merge: Merge::Replace,
    items: Shape::Plain,
};

/// Items that strategic merge patch and apply know by name.
pub(super) static BY_NAME: List = keyed(&["name"], "name", Shape::Plain);

/// A label selector that may be missing; it has one owner.
pub(super) static SELECTOR: Struct = Struct {
    fields: &[("matchLabels", ATOMIC_MAP)],
    atomic: true,
    always: false,
};

/// A label selector that is always written.
pub(super) static SELECTOR_ALWAYS: Struct = Struct {
    fields: &[("matchLabels", ATOMIC_MAP)],
    atomic: true,
    always: true,
};

/// A status with conditions and nothing else worth mentioning.
pub(super) static STATUS: Struct = always(&[("conditions", Shape::List(&CONDITIONS))]);

/// Limits and requests.
pub(super) static RESOURCES: Struct = always(&[
    ("limits", ENTRIES),
    ("requests", ENTRIES),
    ("claims", Shape::List(&CLAIMS)),
]);

static CLAIMS: List = List {
    owner: Owner::Keyed(&["name"]),
    merge: Merge::Replace,
    items: Shape::Plain,
};

/// What is known about a kind that has no table: metadata and conditions.
pub(super) static UNKNOWN_KIND: Struct = optional(&[
    ("metadata", Shape::Struct(&METADATA)),
    ("status", Shape::Struct(&STATUS)),
]);
