//! Lease: numbers that leader election relies on.

use serde_json::Value;

use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::status::Cause;

/// The rules of Lease.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    unconditional_update: false,
    create_on_update: true,
    validate,
    ..Strategy::PLAIN
};

fn validate(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    let duration = &object["spec"]["leaseDurationSeconds"];
    if duration.as_i64().is_some_and(|seconds| seconds <= 0) {
        causes.push(Cause::invalid(
            "spec.leaseDurationSeconds",
            duration,
            "must be greater than 0",
        ));
    }
    let transitions = &object["spec"]["leaseTransitions"];
    if transitions.as_i64().is_some_and(|count| count < 0) {
        let why = "must be greater than or equal to 0";
        causes.push(Cause::invalid("spec.leaseTransitions", transitions, why));
    }
}
