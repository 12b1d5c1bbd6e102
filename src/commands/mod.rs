//! One file per verb: what a command does, given resolved arguments.

mod backends;
mod context;
pub mod doctor;
pub mod down;
pub mod e2e_list;
pub mod e2e_run;
mod e2e_target;
mod environment_file;
pub mod generate;
pub mod images;
mod interrupt;
pub mod ipam;
pub mod kubeconfig;
mod local;
mod preflight;
pub mod probe;
mod refusal;
pub mod serve;
pub mod stack_run;
pub mod status;
mod store;
mod surroundings;
pub mod up;
pub mod validate;

pub use backends::BackendChoice;
pub use context::Context;
pub use environment_file::environment_file;
pub use preflight::HostOptions;
