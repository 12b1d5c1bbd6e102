//! Raw texts of files and programs into evidence. Pure, and never a panic: what cannot be read is
//! left out, because the texts come from machines that nobody here has seen.

pub mod addresses;
pub mod assignments;
pub mod boot;
pub mod capabilities;
pub mod daemon;
pub mod engine;
pub mod gai;
pub mod hosts_file;
pub mod ifconfig;
pub mod kernel_config;
pub mod listeners;
pub mod modules;
pub mod mounts;
pub mod netstat;
pub mod resolvers;
pub mod routes;
pub mod services;
pub mod subids;
pub mod uplink;
pub mod versions;
