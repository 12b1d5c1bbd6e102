//! Discovery documents and OpenAPI v3.
//!
//! Everything here is a pure function of the kinds served right now, kept until they change.

mod aggregated;
mod cached;
mod documents;
pub(crate) mod groups;
mod openapi;
mod order;
#[cfg(test)]
mod sample;

pub(crate) use cached::Cached;
pub(crate) use documents::Documents;
