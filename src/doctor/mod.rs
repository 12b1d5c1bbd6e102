//! Whether this host can carry an IPv6 environment, why not, and what to do about it.
//!
//! Everything that is read about a host is captured once into a [`Facts`] snapshot; every check is
//! a pure function of it. A snapshot that a user attaches to a report gives the same findings here
//! as it gave there.

pub mod ask;
pub mod catalogue;
mod checks;
pub mod facts;
mod finding;
pub mod fix;
mod hash;
pub mod live;
pub mod parse;
pub mod record;
pub mod report;
mod request;
mod root;
mod roots;
mod run;
pub mod signatures;
mod status;

pub use ask::{Evidence, Platform, Provider, Subject};
pub use catalogue::{Check, FixClass, Group, UnknownCheck};
pub use facts::{Fact, Facts, Scope};
pub use report::{Item, Report, SkipKind, Threshold};
pub use request::{Profile, Request, Target, UnknownWord};
pub use root::Root;
pub use run::{evaluate, run};
pub use status::Status;

/// The name of Gardener's local registry.
const LOCAL_REGISTRY: &str = "registry.local.gardener.cloud";
