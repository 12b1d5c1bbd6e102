//! `AUTOv6`: ranges that the provider assigns, written as tuples.
//!
//! The cloud draft lets `spec.networking.pods`, `nodes` and `services` say `AUTOv6, 10.0.0.0/16`:
//! an IPv6 range from the provider, and this IPv4 range, IPv6 preferred. No Gardener release knows
//! the notation, so it *compiles*: to `ipFamilies`, and per field to the IPv4 range or to nothing.
//! What is automatic is filled in through the status once the provider has assigned it.
//!
//! [`Tuple`] is the grammar of one field, [`Networks`] holds the rules across the fields, and
//! [`notation`] reads the fields of a Shoot without judging them.

mod element;
mod error;
mod networks;
pub mod notation;
mod role;
mod tuple;

pub use element::{Element, KEYWORD};
pub use error::TupleError;
pub use networks::{Compiled, Networks};
pub use role::{Role, RoleProblem, RoleProblemKind};
pub use tuple::{Parsed, Tuple, Warning};
