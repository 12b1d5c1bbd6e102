//! Service: defaults and rules, and the cluster addresses it gets from the configured ranges.

mod addresses;
mod families;
mod ports;
mod range;
mod rules;

pub use addresses::{Reservation, ServiceAddresses};
pub(super) use rules::STRATEGY;
