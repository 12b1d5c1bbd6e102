//! Address plans: which prefix is used for what in an environment.

mod plan;

pub use plan::{AddressPlan, FamilyPlan, PlanProblem, Purpose};
