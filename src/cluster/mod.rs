//! Clusters behind one seam: the embedded control plane and kind.

pub mod embedded;
pub mod kind;
