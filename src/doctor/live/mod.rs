//! The machine that runs garden6, and the engine that it means, as facts.

mod collect;
mod daemon;
mod docker;
pub mod endpoint;
pub mod engine;
mod linux;
mod macos;
mod nested;
pub mod online;
mod process_facts;
mod programs;
mod services;
mod socket_owners;
mod source;
mod vm;

pub use collect::{Programs, Question, collect};
pub use docker::TIME_OUT as ENGINE_TIME_OUT;
