//! A report in each of its forms.

mod junit;
mod text;
mod wrap;

pub(super) use junit::junit;
pub(super) use text::{Look, report};
pub(super) use wrap::wrapped;

#[cfg(test)]
mod tests;
