//! Networks as metal-stack has them: prefixes of both families in one object, cut from a private
//! super network per family.
//!
//! Rules and messages are those of metal-api where they are sane. Every operation is one
//! transaction: both families, the number of the VRF and the record change together or not at all.

mod address;
mod allocate;
mod consumption;
mod create;
mod delete;
mod error;
mod family;
mod known;
mod model;
mod prefixes;
mod update;
mod vrf;

pub use address::{AddressRequest, allocate_address, free_address};
pub use allocate::{AllocateRequest, allocate};
pub use consumption::{Consumption, FamilyConsumption, consumption};
pub use create::{CreateRequest, create};
pub use delete::{delete, free};
pub use error::NetworkError;
pub use family::ChildLengths;
pub use known::Known;
pub use model::{Allocation, AllocationKind, Network};
pub use update::{UpdateRequest, update};
