//! The scheduler gives every Shoot without a Seed one that fits.

mod controller;
mod decision;

pub(crate) use controller::{error_policy, reconcile};
pub use decision::{Misfit, Verdict, decide};
