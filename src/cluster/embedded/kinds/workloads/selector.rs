//! What Deployment, `StatefulSet`, `DaemonSet` and `ReplicaSet` have in common: selector and template.

use serde_json::Value;

use crate::cluster::embedded::kinds::json::is_blank;
use crate::cluster::embedded::status::Cause;

/// Checks that the selector exists, stays the same and fits the template.
pub(super) fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let selector = &object["spec"]["selector"];
    if is_blank(Some(selector)) {
        causes.push(Cause::required("spec.selector", ""));
    } else if !fits(selector, &object["spec"]["template"]["metadata"]["labels"]) {
        causes.push(Cause::invalid(
            "spec.template.metadata.labels",
            &object["spec"]["template"]["metadata"]["labels"],
            "`selector` does not match template `labels`",
        ));
    }
    if let Some(old) = old
        && old["spec"]["selector"] != *selector
    {
        causes.push(Cause::invalid(
            "spec.selector",
            selector,
            "field is immutable",
        ));
    }
    super::pod::validate_spec(
        "spec.template.spec",
        &object["spec"]["template"]["spec"],
        causes,
    );
    validate_replicas(object, causes);
}

/// Refuses negative replicas.
fn validate_replicas(object: &Value, causes: &mut Vec<Cause>) {
    let replicas = &object["spec"]["replicas"];
    if replicas.as_i64().is_some_and(|count| count < 0) {
        let why = "must be greater than or equal to 0";
        causes.push(Cause::invalid("spec.replicas", replicas, why));
    }
}

fn fits(selector: &Value, labels: &Value) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let mut expressions = selector["matchExpressions"]
        .as_array()
        .into_iter()
        .flatten();
    equal
        .into_iter()
        .all(|(key, wanted)| labels.get(key) == Some(wanted))
        && expressions.all(|expression| {
            let label = expression["key"].as_str().and_then(|key| labels.get(key));
            let mut values = expression["values"].as_array().into_iter().flatten();
            match expression["operator"].as_str() {
                Some("In") => values.any(|value| Some(value) == label),
                Some("NotIn") => !values.any(|value| Some(value) == label),
                Some("Exists") => label.is_some(),
                Some("DoesNotExist") => label.is_none(),
                _ => false,
            }
        })
}
