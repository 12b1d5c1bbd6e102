//! garden6 brings up a local, IPv6-first Gardener-like environment and proves that it works.

pub mod api;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod config;
pub mod e2e;
pub mod generate;
pub mod ipam;
pub mod mirror;
pub mod net;
pub mod stack;
pub mod ui;
