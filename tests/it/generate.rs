//! `garden6 generate` as people and scripts call it, and all that it can make.

mod command;
mod folders;
mod garden;
mod properties;
mod ptp_script;
mod yaml11;
