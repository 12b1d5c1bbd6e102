//! What a mirror has to hold: which source goes to which target, decided before any registry is asked.
//!
//! Names of copies are not injective (two sources can land on one target), so a draft finds all
//! collisions, and only a draft without any becomes a [`Plan`].

mod collision;
mod copy;
mod draft;
mod filter;
mod platform;
mod scheme;
mod target;
mod wanted;

pub use collision::{CollidingSource, Collision};
pub use copy::{Plan, PlannedCopy};
pub use draft::{Draft, DraftSettings, LeftOut, PlanError, WhyLeftOut};
pub use filter::{Filter, FilterError};
pub use platform::{Platform, PlatformError, Platforms};
pub use scheme::Naming;
pub use target::{Target, TargetError};
pub use wanted::{Origin, Wanted};
