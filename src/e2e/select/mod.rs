//! Choosing cases: globs on their IDs and an expression over what they are.
//!
//! `area(svc) & family(v6) & !needs(real-pods) | id(SHO-0?)`: `!` binds tighter than `&`, `&`
//! tighter than `|`; several words in one predicate mean any of them.

mod expression;
mod glob;
mod selection;

pub use expression::{Expression, ExpressionError, FamilyWord};
pub use glob::Glob;
pub use selection::{NothingSelected, Selection};
