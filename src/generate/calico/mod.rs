//! Calico for the cluster itself: upstream's manifest, patched for the families of the environment.
//!
//! The published manifest is made for IPv4: it switches IPv6 off, detects IPv4 addresses only and encapsulates
//! in IPIP. [`Settings`] says what the families need, [`render`] patches the manifest by structure. A
//! patch that finds no target is an error, because a manifest of another shape would silently stay IPv4.

mod bundle;
mod cni;
mod manifest;
mod settings;

pub use bundle::{manifest, resources};
pub use cni::patch_network;
pub use manifest::render;
pub use settings::{Encapsulation, Settings, felix_configuration, ip_pools};
