//! Where the product does on purpose something else than the reference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Subject, difference, matches, operations};

/// What the product does, operation by operation, by vector: what is not listed is as in the
/// vector.
const OURS: &str = include_str!("ours.yaml");

/// Differences that are documented, as operation, what the reference says, what the product says.
/// `ok` and `err` stand for any value and any error.
const DOCUMENTED: &[(&str, &str, &str)] = &[
    ("new_prefix", "Overlap", "AlreadyExists"),
    ("new_prefix", "Overlap", "ok"),
    ("delete_prefix", "NotFound", "InvalidCidr"),
    ("delete_prefix", "ok", "PrefixHasChildren"),
    ("delete_prefix", "ok", "PrefixHasIPs"),
    ("release_child", "ok", "PrefixHasChildren"),
    ("release_child", "PrefixHasIPs", "PrefixHasIPs"),
    ("acquire_ip", "PrefixHasChildren", "ok"),
    ("acquire_specific_ip", "PrefixHasChildren", "ok"),
    ("acquire_specific_ip", "AlreadyAllocated", "Reserved"),
    ("release_ip", "ok", "Reserved"),
    ("release_ip", "NotFound", "ok"),
    ("acquire_specific_child", "SpecificPrefixNotAvailable", "ok"),
    ("acquire_child", "NoPrefixAvailable", "ok"),
    ("usage", "ok", "ok"),
    ("usage_counts", "ok", "ok"),
    ("list_cidrs", "ok", "ok"),
    ("acquire_child", "NotFound", "NamespaceDoesNotExist"),
    (
        "acquire_specific_child",
        "NotFound",
        "NamespaceDoesNotExist",
    ),
    ("release_child", "NotFound", "NamespaceDoesNotExist"),
    ("acquire_ip", "NotFound", "NamespaceDoesNotExist"),
    ("acquire_specific_ip", "NotFound", "NamespaceDoesNotExist"),
    ("release_ip", "NotFound", "NamespaceDoesNotExist"),
    ("delete_prefix", "NotFound", "NamespaceDoesNotExist"),
    ("usage", "NotFound", "NamespaceDoesNotExist"),
    // The network service: lengths for families without prefixes, overlaps within a request,
    // families of destinations, and lengths that fit nothing are refused at once.
    ("net_create", "ok", "400"),
    ("net_create", "422", "422"),
    ("net_allocate", "ok", "400"),
    ("net_update", "ok", "400"),
    // Nothing leaks, so later operations get what the reference lost.
    ("net_allocate", "ok", "ok"),
    ("net_allocate", "422", "ok"),
    ("net_get", "ok", "ok"),
    ("net_get", "any-error", "ok"),
    ("net_list", "any-error", "ok"),
    ("net_delete", "ok", "ok"),
    ("net_create", "422", "ok"),
    // Pools have no addresses of their own, words are read in any case, what ran out is nobody's
    // fault.
    ("ip_allocate", "ok", "400"),
    ("ip_allocate", "422", "400"),
    ("ip_allocate", "500", "429"),
    ("ip_allocate", "ok", "ok"),
    // A pool becomes dual-stack, and what is not given stays.
    ("net_update", "400", "ok"),
    ("net_update", "422", "ok"),
    ("net_update", "422", "400"),
];

/// What is expected of the product for one vector.
pub(super) struct Expectations {
    /// By the index of the operation; nothing where the vector is not in the list.
    listed: Option<BTreeMap<usize, Value>>,
}

impl Expectations {
    pub(super) fn of(id: &str) -> Self {
        let mut all: BTreeMap<String, BTreeMap<usize, Value>> =
            serde_yaml::from_str(OURS).expect("the list is a map of id to index to expectation");
        Self {
            listed: all.remove(id),
        }
    }

    pub(super) fn check(&self, vector: &Value, subject: &mut impl Subject) -> Result<(), String> {
        match &self.listed {
            Some(listed) => as_listed(vector, listed, subject),
            None => as_documented(vector, subject, DOCUMENTED, name),
        }
    }
}

fn as_listed(
    vector: &Value,
    listed: &BTreeMap<usize, Value>,
    subject: &mut impl Subject,
) -> Result<(), String> {
    for (index, operation) in operations(vector) {
        let expect = listed.get(&index).unwrap_or(&operation["expect"]);
        let outcome = subject.apply(operation);
        if !matches(expect, &outcome) {
            return Err(difference(index, operation, expect, &outcome));
        }
    }
    Ok(())
}

/// Up to the first operation whose outcome is of another kind every difference must be documented;
/// after it the two are in different states and cannot be compared any more.
fn as_documented(
    vector: &Value,
    subject: &mut impl Subject,
    documented: &[(&str, &str, &str)],
    name: impl Fn(&Value) -> String,
) -> Result<(), String> {
    for (index, operation) in operations(vector) {
        let expect = &operation["expect"];
        let outcome = subject.apply(operation);
        if matches(expect, &outcome) {
            continue;
        }
        let kind = operation["do"].as_str().unwrap_or_default();
        let found = match &outcome {
            Ok(_) => "ok",
            Err(refusal) => refusal.names[0].as_str(),
        };
        if !documented.contains(&(kind, name(expect).as_str(), found)) {
            return Err(difference(index, operation, expect, &outcome));
        }
        if expect.get("ok").is_some() != outcome.is_ok() {
            break;
        }
    }
    Ok(())
}

fn name(expect: &Value) -> String {
    match (expect["err"].as_str(), expect.get("http")) {
        (Some(class), _) => class.to_owned(),
        (None, Some(Value::String(word))) => word.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "ok".to_owned(),
    }
}
