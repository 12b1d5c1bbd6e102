//! Label and field selectors: parsing, matching and their canonical text.
//!
//! The grammar and the error texts are those of the Kubernetes API machinery, because clients show
//! them to people and scripts match on them.

pub use self::{
    error::SelectorError,
    field::{FieldOperator, FieldRequirement, FieldSelector},
    label::LabelSelector,
    requirement::{Operator, Requirement},
};

mod error;
mod field;
mod label;
mod lexer;
mod object;
mod requirement;
