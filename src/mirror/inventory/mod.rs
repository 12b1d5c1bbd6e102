//! Which images files name: image vectors, lists of copies, manifests, lists of references,
//! containerd's configuration.

mod containerd;
mod copy_list;
mod file_kind;
mod list;
mod objects;
pub mod reach;
mod read;
mod selection;

pub use file_kind::FileKind;
pub use objects::{ImageField, image_fields, title};
pub use read::{Inventory, Open, read};
pub use selection::Selection;

pub(in crate::mirror) use containerd::sandbox_image;
pub(in crate::mirror) use list::{begins_with_reference, entries, items};
