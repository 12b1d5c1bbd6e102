//! Validation of API objects: pure functions from objects to lists of field errors.
//!
//! The functions follow the layers of Gardener's own pipeline. *Static* rules (`create`, `update`)
//! look at the object alone; an update is judged by its own rules first and then as a new object,
//! so errors add up. *Admission* also sees the Seed, the local provider adds its own rules, and
//! [`kube_limits`] tells what Kubernetes components would refuse later although Gardener accepts it.
//!
//! Two rule sets exist, see [`Rules`]. Where they agree there is one piece of code; where they
//! differ the difference is one `match` or one `if` at that place.

mod autov6;
mod cidr;
mod dns_name;
mod error;
mod families;
mod outlook;
mod path;
mod reserved;
mod review;
mod rules;

pub mod admission;
pub mod dns_record;
pub mod kube_limits;
pub mod masks;
pub mod network;
pub mod node_count;
pub mod provider_local;
pub mod seed;
pub mod shoot;
pub mod shoot_status;

pub use cidr::Range;
pub use error::{ErrorType, FieldError};
pub use path::Path;
pub use review::{Layer, Review, ReviewError, Subject};
pub use rules::Rules;
