//! Layouts of nodes, services, endpoints, events and quotas.

use serde_json::Value;

use super::layout::{Layout, Row, joined, number, selector, text, wide};

pub(super) const NODES: Layout = Layout {
    columns: &[
        text("Name"),
        text("Status"),
        text("Roles"),
        text("Age"),
        text("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells: |row| {
        vec![
            row.name(),
            node_status(row).into(),
            node_roles(row),
            row.age(),
            row.cell("/status/nodeInfo/kubeletVersion", ""),
            node_address(row, "InternalIP"),
            node_address(row, "ExternalIP"),
            row.cell("/status/nodeInfo/osImage", "<unknown>"),
            row.cell("/status/nodeInfo/kernelVersion", "<unknown>"),
            row.cell("/status/nodeInfo/containerRuntimeVersion", "<unknown>"),
        ]
    },
};

fn node_status(row: &Row<'_>) -> String {
    let ready = row
        .list_at("/status/conditions")
        .iter()
        .find(|condition| condition.get("type").and_then(Value::as_str) == Some("Ready"));
    let mut status = match ready.and_then(|condition| condition.get("status")?.as_str()) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if row.at("/spec/unschedulable").and_then(Value::as_bool) == Some(true) {
        status.push_str(",SchedulingDisabled");
    }
    status
}

fn node_roles(row: &Row<'_>) -> Value {
    let labels = row.at("/metadata/labels").and_then(Value::as_object);
    let mut roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(
            |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) => Some(role),
                None if key == "kubernetes.io/role" => value.as_str(),
                None => None,
            },
        )
        .collect();
    roles.sort_unstable();
    joined(roles)
}

fn node_address(row: &Row<'_>, kind: &str) -> Value {
    row.list_at("/status/addresses")
        .iter()
        .find(|address| address.get("type").and_then(Value::as_str) == Some(kind))
        .and_then(|address| address.get("address").cloned())
        .unwrap_or_else(|| "<none>".into())
}

pub(super) const SERVICES: Layout = Layout {
    columns: &[
        text("Name"),
        text("Type"),
        text("Cluster-IP"),
        text("External-IP"),
        text("Port(s)"),
        text("Age"),
        wide("Selector"),
    ],
    cells: |row| {
        vec![
            row.name(),
            row.cell("/spec/type", "ClusterIP"),
            row.cell("/spec/clusterIP", "<none>"),
            external_addresses(row),
            ports(row),
            row.age(),
            selector(row.at("/spec/selector")),
        ]
    },
};

fn external_addresses(row: &Row<'_>) -> Value {
    let mut addresses: Vec<&str> = row
        .list_at("/status/loadBalancer/ingress")
        .iter()
        .filter_map(|ingress| {
            ingress
                .get("ip")
                .or_else(|| ingress.get("hostname"))
                .and_then(Value::as_str)
        })
        .collect();
    addresses.extend(
        row.list_at("/spec/externalIPs")
            .iter()
            .filter_map(Value::as_str),
    );
    match row.text_at("/spec/type") {
        "ExternalName" => row.cell("/spec/externalName", "<none>"),
        "LoadBalancer" if addresses.is_empty() => "<pending>".into(),
        _ => joined(addresses),
    }
}

fn ports(row: &Row<'_>) -> Value {
    let ports: Vec<String> = row
        .list_at("/spec/ports")
        .iter()
        .map(|port| {
            let number = |name| port.get(name).and_then(Value::as_i64).unwrap_or(0);
            let protocol = port
                .get("protocol")
                .and_then(Value::as_str)
                .unwrap_or("TCP");
            match number("nodePort") {
                0 => format!("{}/{protocol}", number("port")),
                node_port => format!("{}:{node_port}/{protocol}", number("port")),
            }
        })
        .collect();
    joined(ports.iter().map(String::as_str))
}

pub(super) const ENDPOINTS: Layout = Layout {
    columns: &[text("Name"), text("Endpoints"), text("Age")],
    cells: |row| vec![row.name(), endpoints(row), row.age()],
};

fn endpoints(row: &Row<'_>) -> Value {
    let mut shown = Vec::new();
    for subset in row.list_at("/subsets") {
        let list = |name| {
            subset
                .get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        for port in list("ports").filter_map(|port| port.get("port")?.as_u64()) {
            for address in list("addresses").filter_map(|address| address.get("ip")?.as_str()) {
                shown.push(host_and_port(address, port));
            }
        }
    }
    let more = shown.len().saturating_sub(3);
    shown.truncate(3);
    let text = shown.join(",");
    match (shown.is_empty(), more) {
        (true, _) => "<none>".into(),
        (false, 0) => text.into(),
        (false, more) => format!("{text} + {more} more...").into(),
    }
}

fn host_and_port(address: &str, port: u64) -> String {
    match (address.parse(), u16::try_from(port)) {
        (Ok(address), Ok(port)) => std::net::SocketAddr::new(address, port).to_string(),
        _ => format!("{address}:{port}"),
    }
}

pub(super) const ENDPOINT_SLICES: Layout = Layout {
    columns: &[
        text("Name"),
        text("AddressType"),
        text("Ports"),
        text("Endpoints"),
        text("Age"),
    ],
    cells: |row| {
        let ports: Vec<String> = row
            .list_at("/ports")
            .iter()
            .filter_map(|port| Some(port.get("port")?.as_i64()?.to_string()))
            .collect();
        let addresses = row
            .list_at("/endpoints")
            .iter()
            .filter_map(|endpoint| endpoint.get("addresses")?.as_array())
            .flatten()
            .filter_map(Value::as_str);
        vec![
            row.name(),
            row.cell("/addressType", ""),
            joined(ports.iter().map(String::as_str)),
            joined(addresses),
            row.age(),
        ]
    },
};

pub(super) const EVENTS: Layout = Layout {
    columns: &[
        text("Last Seen"),
        text("Type"),
        text("Reason"),
        text("Object"),
        wide("Subobject"),
        wide("Source"),
        text("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    cells: |row| {
        let first = first_present(row, &["/involvedObject", "/regarding"]);
        let word = |name| {
            first
                .and_then(|object| object.get(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let object = format!("{}/{}", word("kind").to_lowercase(), word("name"));
        let last_seen = [
            "/series/lastObservedTime",
            "/lastTimestamp",
            "/deprecatedLastTimestamp",
        ];
        let first_seen = ["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime"];
        let count = row
            .number_at("/series/count")
            .max(row.number_at("/count"))
            .max(1);
        vec![
            age_of_first(
                row,
                &[
                    &last_seen[..],
                    &["/eventTime", "/metadata/creationTimestamp"],
                ]
                .concat(),
            ),
            row.cell("/type", ""),
            row.cell("/reason", ""),
            object.into(),
            word("fieldPath").into(),
            first_present(
                row,
                &[
                    "/source/component",
                    "/reportingComponent",
                    "/reportingController",
                ],
            )
            .and_then(Value::as_str)
            .unwrap_or_default()
            .into(),
            first_present(row, &["/message", "/note"])
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim()
                .into(),
            age_of_first(
                row,
                &[&first_seen[..], &["/metadata/creationTimestamp"]].concat(),
            ),
            count.into(),
            row.name(),
        ]
    },
};

fn first_present<'a>(row: &Row<'a>, pointers: &[&str]) -> Option<&'a Value> {
    pointers
        .iter()
        .filter_map(|pointer| row.at(pointer))
        .find(|value| !value.is_null() && value.as_str() != Some(""))
}

fn age_of_first(row: &Row<'_>, pointers: &[&str]) -> Value {
    super::age::since(first_present(row, pointers), row.now).into()
}

pub(super) const RESOURCE_QUOTAS: Layout = Layout {
    columns: &[text("Name"), text("Request"), text("Limit"), text("Age")],
    cells: |row| {
        vec![
            row.name(),
            hard_limits(row, false),
            hard_limits(row, true),
            row.age(),
        ]
    },
};

fn hard_limits(row: &Row<'_>, limits: bool) -> Value {
    let terms: Vec<String> = row
        .at("/spec/hard")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, _)| key.starts_with("limits.") == limits)
        .map(|(key, hard)| {
            let used = row
                .at("/status/used")
                .and_then(|used| used.get(key))
                .and_then(Value::as_str);
            format!(
                "{key}: {}/{}",
                used.unwrap_or("0"),
                hard.as_str().unwrap_or_default()
            )
        })
        .collect();
    terms.join(", ").into()
}

/// The number of ready members, as `1/3`.
pub(super) fn ratio(ready: i64, wanted: i64) -> Value {
    format!("{ready}/{wanted}").into()
}

/// A number column is used by the layouts of workloads as well.
pub(super) const DESIRED: super::layout::Definition = number("Desired");
