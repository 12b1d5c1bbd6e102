//! The plan of an environment as a whole, held against everything that is known before anything
//! is made: its own arithmetic, the host's routes, and what the chosen versions cannot do.
//!
//! Pure functions; who calls them brings the facts.

mod addresses;
mod resolvers;
mod routes;
mod versions;

pub use addresses::addresses;
pub use resolvers::resolvers;
pub use routes::routes;
pub use versions::{Versions, versions};
