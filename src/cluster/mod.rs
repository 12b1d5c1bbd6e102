//! Clusters behind one seam: the embedded control plane and kind.
//!
//! Controllers and cases see a [`Cluster`], which is a client and a set of [`Capability`]s, and never ask which
//! [`Backend`] made it. Everything a backend changes outside its own folder is announced in the [`Journal`]
//! first, so that it can be removed again after any interruption.

pub mod apply;
mod backend;
pub mod connect;
mod detached;
pub mod embedded;
mod error;
mod journal;
pub mod kind;
pub mod kubeconfig;
mod nodes;
pub mod wait;

pub use backend::{
    Backend, Capability, Cluster, ClusterState, ClusterStatus, NodeStatus, PartStatus,
};
pub use detached::{Detached, DetachedError, ServeState, capabilities as embedded_capabilities};
pub use error::ClusterError;
pub use journal::{Effect, Entry, Journal, JournalError, Phase};
