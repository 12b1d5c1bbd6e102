//! Images are copied between real registries, over `[::1]`, with and without trouble on the way.
//!
//! The registry is Debian's `docker-registry`; where it is missing the tests say so and pass.

mod authentication;
mod copies;
mod corpus;
mod fault_proxy;
mod faults;
mod layouts;
mod registry;
mod server;
mod token_server;
mod verification;
