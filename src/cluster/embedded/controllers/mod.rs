//! The controllers every client expects: garbage collection, namespaces, definitions, accounts.
//!
//! Each is a task that follows the store's changes in order of commit and writes through the engine.
//! None of them keeps the control plane alive.

mod accounts;
mod definitions;
mod follow;
mod garbage;
mod graph;
mod namespaces;

pub(super) use follow::start;

#[cfg(test)]
mod tests;
