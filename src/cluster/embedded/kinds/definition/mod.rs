//! Custom resource definitions: their own rules, and the kinds that follow from them.

mod conditions;
mod custom;
mod rules;
mod validate;

pub use conditions::{Names, accept, is_established, set_condition};
pub use custom::kinds;
pub(super) use rules::STRATEGY;
