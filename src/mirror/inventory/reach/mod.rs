//! Which registries can be reached from here, tested family by family and host by host.
//!
//! A registry is more than the host in its name: tokens come from another host, and content from a
//! third one. Each is a leg with its own result, the weakest decides, and a leg that was not tested
//! is never taken for a good one. Connections are forced to one family, because a client that may
//! choose hides what is to be found out.

mod leg;
mod names;
mod probe;
mod registry;
mod token_service;
mod translation;

pub use leg::{FamilyReport, Leg, LegReport, Outcome, RegistryReport, Verdict};
pub use names::{Names, SystemNames};
pub use registry::{Reach, ReachSettings};
