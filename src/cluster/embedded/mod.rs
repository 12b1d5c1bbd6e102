//! An in-process control plane that speaks the Kubernetes API over TLS on `[::1]`.
//!
//! A control plane is a value: several live in one process without sharing anything, and nothing
//! in here knows Gardener.

pub mod admission;
pub mod control_plane;
pub mod controllers;
pub mod discovery;
pub mod engine;
pub mod fields;
pub mod http;
pub mod jsonpath;
pub mod kinds;
pub mod options;
pub mod patch;
pub mod schema;
pub mod selector;
pub mod status;
pub mod store;
pub mod watch;

pub use control_plane::{ClientError, ControlPlane, ControlPlaneOptions, StartError};
pub use http::TokenUser;
