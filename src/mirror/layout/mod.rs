//! OCI image layouts: folders that hold images, for machines that reach no registry.

mod folder;
mod index;

pub use folder::Layout;
