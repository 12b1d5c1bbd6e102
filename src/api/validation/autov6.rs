//! Rules of Shoots whose ranges are `AUTOv6` tuples.
//!
//! The fields are judged alone first; only what can be read is compared with each other.

use super::{FieldError, Path, Rules};
use crate::api::{
    autov6::{Networks, Role, RoleProblemKind, Tuple, notation},
    core::Networking,
    families::to_list,
};

/// Whether the ranges of a Shoot are to be read as tuples: the gate is open and one of them is.
pub(super) fn applies(networking: &Networking, rules: &Rules) -> bool {
    rules.has_tuples() && notation::uses_tuples(networking)
}

/// The families of a Shoot with tuples: those that it lists, otherwise those that its tuples name.
pub(super) fn effective_families(networking: &Networking) -> Vec<String> {
    if networking.ip_families.is_empty() {
        notation::families(networking)
            .map(to_list)
            .unwrap_or_default()
    } else {
        networking.ip_families.clone()
    }
}

/// The errors of the ranges of a Shoot with tuples.
pub(super) fn validate(networking: &Networking, workerless: bool, path: &Path) -> Vec<FieldError> {
    let mut errors = lists(networking, path);
    let mut tuples = Networks::default();
    // Errors of fields come in the order of Gardener's own.
    for (role, slot) in [
        (Role::Nodes, &mut tuples.nodes),
        (Role::Pods, &mut tuples.pods),
        (Role::Services, &mut tuples.services),
    ] {
        let Some(text) = notation::field(networking, role) else {
            continue;
        };
        match text.parse::<Tuple>() {
            Ok(tuple) => *slot = Some(tuple),
            Err(error) => {
                let path = path.child(role.field());
                errors.push(FieldError::invalid(&path, text, error.to_string()));
            }
        }
    }
    if errors.is_empty() {
        errors.extend(families(networking, path));
        errors.extend(together(networking, &tuples, workerless, path));
    }
    errors
}

/// The lists of the dual-stack outlook say the same in another way.
fn lists(networking: &Networking, path: &Path) -> Vec<FieldError> {
    [
        ("podsCIDRs", &networking.pods_cidrs),
        ("nodesCIDRs", &networking.nodes_cidrs),
        ("servicesCIDRs", &networking.services_cidrs),
    ]
    .into_iter()
    .filter(|(_, list)| !list.is_empty())
    .map(|(name, _)| {
        let detail = "must not be set beside AUTOv6 tuples, which name the ranges of both families";
        FieldError::forbidden(&path.child(name), detail)
    })
    .collect()
}

/// The error of a list of families that is not the one of the tuples.
fn families(networking: &Networking, path: &Path) -> Option<FieldError> {
    let named = to_list(notation::families(networking)?);
    let listed = &networking.ip_families;
    (!listed.is_empty() && *listed != named).then(|| {
        let detail = format!(
            "must be [{}], the order of the ranges, or be left out",
            named.join(", ")
        );
        FieldError::invalid(&path.child("ipFamilies"), listed.clone(), detail)
    })
}

fn together(
    networking: &Networking,
    tuples: &Networks,
    workerless: bool,
    path: &Path,
) -> Vec<FieldError> {
    let error = |role: Role, kind: &RoleProblemKind| {
        let path = path.child(role.field());
        match notation::field(networking, role) {
            Some(text) => FieldError::invalid(&path, text, kind.to_string()),
            None => FieldError::required(&path, kind.to_string()),
        }
    };
    let problems = tuples.problems(workerless);
    problems
        .iter()
        .map(|problem| error(problem.role, &problem.kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::{
        core::Shoot,
        gates::{ApiProfile, FeatureGate, FeatureGates},
        validation::{ErrorType, shoot},
    };

    const PROFILES: [ApiProfile; 2] = [ApiProfile::Gep21, ApiProfile::Upstream];

    fn rules(profile: ApiProfile, open: bool) -> Rules {
        let gates = FeatureGates::default().with(FeatureGate::AutoIPv6, open);
        Rules { profile, gates }
    }

    fn draft() -> Value {
        json!({
            "type": "calico",
            "nodes": "AUTOv6, 10.255.0.0/16",
            "pods": "AUTOv6, 100.128.0.0/11, ",
            "services": "AUTOv6, 100.72.0.0/13",
        })
    }

    fn errors(networking: &Value, rules: &Rules) -> Vec<FieldError> {
        let spec = json!({"networking": networking, "provider": {"workers": [{"name": "a"}]}});
        let object = Shoot::new("local", serde_json::from_value(spec).unwrap());
        shoot::create(&object, rules)
    }

    fn brief(errors: &[FieldError]) -> Vec<(ErrorType, &str)> {
        errors
            .iter()
            .map(|error| {
                (
                    error.type_,
                    error.field.trim_start_matches("spec.networking."),
                )
            })
            .collect()
    }

    #[test]
    fn the_draft_is_accepted_where_the_gate_is_open_and_refused_with_its_name_where_not() {
        for profile in PROFILES {
            assert_eq!(errors(&draft(), &rules(profile, true)), [], "{profile}");
            let refused = errors(&draft(), &rules(profile, false));
            let expected = ["nodes", "pods", "services"].map(|name| (ErrorType::Invalid, name));
            assert_eq!(brief(&refused), expected, "{profile}");
            for error in refused {
                assert!(error.detail.contains("feature gate AutoIPv6"), "{error}");
            }
        }
    }

    #[test]
    fn families_may_be_listed_as_the_tuples_name_them() {
        for profile in PROFILES {
            let rules = rules(profile, true);
            let mut networking = draft();
            networking["ipFamilies"] = json!(["IPv6", "IPv4"]);
            assert_eq!(errors(&networking, &rules), []);
            networking["ipFamilies"] = json!(["IPv4", "IPv6"]);
            let found = errors(&networking, &rules);
            assert_eq!(brief(&found), [(ErrorType::Invalid, "ipFamilies")]);
            assert!(found[0].detail.contains("[IPv6, IPv4]"), "{}", found[0]);
        }
    }

    #[test]
    fn the_gate_of_ipv6_still_counts_at_the_time_of_the_gep() {
        let mut rules = rules(ApiProfile::Gep21, true);
        rules.gates = rules.gates.with(FeatureGate::IPv6SingleStack, false);
        let found = errors(&draft(), &rules);
        assert_eq!(brief(&found), [(ErrorType::Invalid, "ipFamilies")]);
    }

    #[test]
    fn fields_are_judged_alone_before_they_are_compared() {
        let rules = rules(ApiProfile::Upstream, true);
        let mut networking = draft();
        networking["services"] = json!("autov6, 100.72.0.0/13");
        networking["nodes"] = json!("10.255.0.1/16");
        let found = errors(&networking, &rules);
        let fields = [
            (ErrorType::Invalid, "nodes"),
            (ErrorType::Invalid, "services"),
        ];
        assert_eq!(brief(&found), fields);
        assert!(found[1].detail.contains("`AUTOv6`"), "{}", found[1]);

        networking["services"] = Value::Null;
        networking["nodes"] = json!("10.255.0.0/16");
        let fields = [
            (ErrorType::Required, "services"),
            (ErrorType::Invalid, "nodes"),
        ];
        assert_eq!(brief(&errors(&networking, &rules)), fields);
    }

    #[test]
    fn tuples_and_the_lists_of_the_outlook_exclude_each_other() {
        let mut rules = rules(ApiProfile::Gep21, true);
        rules.gates = rules.gates.with(FeatureGate::DualStack, true);
        let mut networking = draft();
        networking["podsCIDRs"] = json!(["AUTOv6", "100.128.0.0/11"]);
        let found = errors(&networking, &rules);
        assert_eq!(brief(&found), [(ErrorType::Forbidden, "podsCIDRs")]);
    }
}
