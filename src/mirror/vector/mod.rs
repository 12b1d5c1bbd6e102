//! Gardener's image vectors: which image a component gets for which versions and architecture.
//!
//! Everything is as upstream does it, surprises included: overwrites are matched on the text of a
//! constraint, ties are decided by the order of entries, `3.10` without quotes is `3.1`.

mod ca_bundle;
mod components;
mod constraint;
mod dead;
mod find;
mod image;
mod merge;
mod read;
mod source;
mod version;

pub use ca_bundle::CaBundle;
pub use components::{ComponentOverwrites, read_components};
pub use constraint::{ConstraintError, VersionConstraint};
pub use dead::dead_overwrites;
pub use find::{FindError, Question};
pub use image::Image;
pub use merge::{Key, merge};
pub use read::read;
pub use source::{DEFAULT_ARCHITECTURES, ImageSource, ImageVector};
pub use version::{AskedVersion, VersionError, normalized};
