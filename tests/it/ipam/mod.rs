//! The IPAM as a whole.

mod command;
mod model;
mod random;
