//! Structural schemas of custom resources, and the syntax rules of object metadata.
//!
//! The order in which the API uses them: read the body strictly ([`reader`]), prune, default,
//! validate. Messages and field paths are upstream's, because clients show and match them. This
//! room knows JSON values only; it never looks at the store or at a request.

pub use self::{
    change::validate_change,
    structural::{ListType, MapType, Structural, ValueType},
    validate::validate,
};

pub mod causes;
mod cel;
mod change;
mod completeness;
mod default;
mod formats;
mod invariants;
mod lists;
pub mod meta;
pub mod names;
pub mod openapi;
mod parse;
mod pattern;
mod prune;
pub mod reader;
mod structural;
mod validate;
