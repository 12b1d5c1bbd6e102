//! Tables: what `kubectl get` shows.

mod age;
mod builtin;
mod core;
mod custom;
mod layout;
mod render;
mod workloads;

pub(crate) use render::Tables;
