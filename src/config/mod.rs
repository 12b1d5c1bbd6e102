//! What the user asked for, resolved: the environment and where its files are.

mod environment;
mod state_dir;

pub use environment::{
    BackendKind, Cni, Environment, EnvironmentName, InvalidName, Registry, UnknownWord,
};
pub use state_dir::{EnvironmentDir, StateDir};
