//! Which ranges the clouds give to `AUTOv6` roles, and what every node gets of them.
//!
//! Pure: who calls brings the range that the cloud handed out. Each provider has its own rules
//! ([`aws`], [`gcp`], [`azure`], [`openstack`], [`local`]) and yields the same thing, a
//! [`Resolution`]: the ranges to publish, and a [`Fleet`] that nodes join and leave. Invariants
//! hold after each of these events.

pub mod aws;
pub mod azure;
pub mod gcp;
pub mod limits;
pub mod local;
pub mod openstack;
pub mod unique_local;

mod error;
mod fleet;
mod invariants;
mod resolution;
mod template;
mod vendor;

pub use error::CloudError;
pub use fleet::{Fleet, Node};
pub use resolution::{Ranges, Resolution};
pub use template::{HostSplit, Template};

#[cfg(test)]
mod tests;
