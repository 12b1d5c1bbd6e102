//! What the user asked for, resolved: the environment and where its files are.

pub mod check;

mod environment;
mod file;
pub mod finding;
mod request;
mod state_dir;

pub use environment::{BackendKind, Cni, Environment, EnvironmentName, InvalidName, Registry};
pub use file::EnvironmentFile;
pub use finding::{Finding, Severity};
pub use request::{Beside, CniChoice, EnvironmentRequest, ResolveError, Surroundings};
pub use state_dir::{EnvironmentDir, StateDir};
