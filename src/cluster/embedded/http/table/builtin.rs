//! The layouts of the built-in kinds.

use serde_json::Value;

use super::core;
use super::layout::{Definition, Layout, Row, joined, number, selector, text, wide};
use super::workloads;

const NAME: Definition = text("Name");
const AGE: Definition = text("Age");

/// The layout of a built-in kind; kinds without one of their own show name and age.
pub(super) fn layout(group: &str, plural: &str) -> Layout {
    match (group, plural) {
        ("", "namespaces") => Layout {
            columns: const { &[NAME, text("Status"), AGE] },
            cells: |row| vec![row.name(), row.text_at("/status/phase").into(), row.age()],
        },
        ("", "configmaps") => Layout {
            columns: const { &[NAME, number("Data"), AGE] },
            cells: |row| {
                let data = row.count_at("/data") + row.count_at("/binaryData");
                vec![row.name(), data.into(), row.age()]
            },
        },
        ("", "secrets") => Layout {
            columns: const { &[NAME, text("Type"), number("Data"), AGE] },
            cells: |row| {
                vec![
                    row.name(),
                    row.cell("/type", ""),
                    row.count_at("/data").into(),
                    row.age(),
                ]
            },
        },
        ("", "serviceaccounts") => Layout {
            columns: const { &[NAME, number("Secrets"), AGE] },
            cells: |row| vec![row.name(), row.count_at("/secrets").into(), row.age()],
        },
        ("", "nodes") => core::NODES,
        ("", "pods") => workloads::PODS,
        ("", "services") => core::SERVICES,
        ("", "endpoints") => core::ENDPOINTS,
        ("" | "events.k8s.io", "events") => core::EVENTS,
        ("", "resourcequotas") => core::RESOURCE_QUOTAS,
        ("discovery.k8s.io", "endpointslices") => core::ENDPOINT_SLICES,
        ("apps", "deployments") => workloads::DEPLOYMENTS,
        ("apps", "replicasets") => workloads::REPLICA_SETS,
        ("apps", "statefulsets") => workloads::STATEFUL_SETS,
        ("apps", "daemonsets") => workloads::DAEMON_SETS,
        ("batch", "jobs") => workloads::JOBS,
        ("coordination.k8s.io", "leases") => Layout {
            columns: const { &[NAME, text("Holder"), AGE] },
            cells: |row| vec![row.name(), row.cell("/spec/holderIdentity", ""), row.age()],
        },
        ("networking.k8s.io", "networkpolicies") => Layout {
            columns: const { &[NAME, text("Pod-Selector"), AGE] },
            cells: |row| vec![row.name(), selector(row.at("/spec/podSelector")), row.age()],
        },
        ("scheduling.k8s.io", "priorityclasses") => Layout {
            columns: const {
                &[
                    NAME,
                    number("Value"),
                    text("Global-Default"),
                    AGE,
                    text("PreemptionPolicy"),
                ]
            },
            cells: |row| {
                vec![
                    row.name(),
                    row.number_at("/value").into(),
                    row.at("/globalDefault")
                        .and_then(Value::as_bool)
                        .unwrap_or(false)
                        .into(),
                    row.age(),
                    row.cell("/preemptionPolicy", ""),
                ]
            },
        },
        ("policy", "poddisruptionbudgets") => workloads::DISRUPTION_BUDGETS,
        ("rbac.authorization.k8s.io", "roles" | "clusterroles")
        | ("apiextensions.k8s.io", "customresourcedefinitions")
        | ("", "limitranges") => CREATED_AT,
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => BINDINGS,
        (
            "admissionregistration.k8s.io",
            "validatingwebhookconfigurations" | "mutatingwebhookconfigurations",
        ) => Layout {
            columns: const { &[NAME, number("Webhooks"), AGE] },
            cells: |row| vec![row.name(), row.count_at("/webhooks").into(), row.age()],
        },
        _ => PLAIN,
    }
}

/// Name and age, which every object has.
pub(super) const PLAIN: Layout = Layout {
    columns: const { &[NAME, AGE] },
    cells: |row| vec![row.name(), row.age()],
};

const CREATED_AT: Layout = Layout {
    columns: const { &[NAME, text("Created At")] },
    cells: |row| {
        vec![
            row.name(),
            row.cell("/metadata/creationTimestamp", "<unknown>"),
        ]
    },
};

const BINDINGS: Layout = Layout {
    columns: const {
        &[
            NAME,
            text("Role"),
            AGE,
            wide("Users"),
            wide("Groups"),
            wide("ServiceAccounts"),
        ]
    },
    cells: |row| {
        let role = format!(
            "{}/{}",
            row.text_at("/roleRef/kind"),
            row.text_at("/roleRef/name")
        );
        vec![
            row.name(),
            role.into(),
            row.age(),
            subjects(row, "User"),
            subjects(row, "Group"),
            service_accounts(row),
        ]
    },
};

fn subjects(row: &Row<'_>, kind: &str) -> Value {
    let names = row
        .list_at("/subjects")
        .iter()
        .filter(|subject| subject.get("kind").and_then(Value::as_str) == Some(kind))
        .filter_map(|subject| subject.get("name").and_then(Value::as_str));
    let names: Vec<&str> = names.collect();
    names.join(", ").into()
}

fn service_accounts(row: &Row<'_>) -> Value {
    let word = |subject: &Value, name: &str| {
        subject
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let names: Vec<String> = row
        .list_at("/subjects")
        .iter()
        .filter(|subject| word(subject, "kind") == "ServiceAccount")
        .map(|subject| format!("{}/{}", word(subject, "namespace"), word(subject, "name")))
        .collect();
    if names.is_empty() {
        "".into()
    } else {
        joined(names.iter().map(String::as_str))
    }
}
