//! How built-in kinds own and merge their lists and maps.
//!
//! One table serves both server-side apply (list and map types) and strategic merge patch (merge
//! keys); the two differ in places. Only what departs from the rule is listed: a member that is not
//! mentioned is a struct, a scalar or an atomic list.

pub use self::{
    lookup::of,
    shape::{List, Merge, Owner, Shape, Struct, key_default},
    tables::METADATA,
};

mod core;
mod lookup;
mod pod;
mod shape;
mod tables;
mod workloads;
