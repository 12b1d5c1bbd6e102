//! Unmodified `kubectl` works on the embedded control plane.
//!
//! The tests use the `kubectl` of the machine; where there is none they say so and pass.

mod apply;
mod discovery;
mod edit;
mod generators;
mod setup;
mod validate;
mod watch;
