//! The controllers that make a cluster behave like Gardener: scheduler, gardenlet, the provider
//! `local`, simulated clouds, and networking-calico.
//!
//! Controllers only talk through the API: gardenlet writes objects of the extensions group and waits
//! for their status, extensions never look at a Shoot except through its Cluster. All of them run in
//! one process and share the watches, so an object is read once however many look at it.

pub mod admission;

mod apply;
mod bootstrap;
mod context;
mod definitions;
mod deploy;
mod error;
mod extension;
mod feeds;
mod finalizers;
mod health;
mod ledger;
mod machine_deployments;
mod merge;
mod options;
mod project;
mod run;
mod serving;
mod webhook;

pub mod gardenlet;
pub mod names;
pub mod networking_calico;
pub mod networks;
mod provider_clouds;
pub mod provider_local;
pub mod scheduler;

pub use bootstrap::bootstrap;
pub use definitions::{crds, crds_as_json, install_crds};
pub use deploy::deploy;
pub use error::StackError;
pub use options::{Options, WebhookOptions};
pub use run::{in_cluster_client, run};
