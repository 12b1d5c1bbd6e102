//! gardenlet turns Shoots into objects for extensions and keeps their status.
//!
//! A reconciliation never blocks: it brings every object in line whose turn it is, looks at what the
//! extensions report, writes how far it got, and ends. The next change of any of the objects
//! starts the next one. So a restart at any point continues where it stopped.

mod cluster;
mod conditions;
mod deletion;
mod dns;
mod extensions;
mod flow;
mod observe;
mod operation;
pub mod records;
mod seed;
mod shoot;
mod status;

pub(crate) use seed::{error_policy as seed_error_policy, reconcile as reconcile_seed};
pub(crate) use shoot::{error_policy, reconcile};
