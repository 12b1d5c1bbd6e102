//! Addresses and who has them: the engine, its store, networks, and the plan of an environment.

mod plan;
mod problem;

pub mod clouds;
pub mod engine;
pub mod network;
pub mod proposal;
pub mod state;
pub mod store;

pub use plan::{AddressPlan, FamilyPlan, Purpose};
pub use problem::PlanProblem;
