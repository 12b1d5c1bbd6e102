//! Structural schemas: pruning, defaulting, validation.

pub mod names;
