//! The kinds a control plane serves: built-in ones and those of custom resource definitions.

mod kind;
mod registry;

pub use kind::{
    Column, ExtraSubresource, Kind, Origin, ResourceId, ScalePaths, Scope, Subresources,
};
pub use registry::Registry;
