//! Address plans: which prefix is used for what in an environment.

mod plan;
mod problem;

pub use plan::{AddressPlan, FamilyPlan, Purpose};
pub use problem::PlanProblem;
