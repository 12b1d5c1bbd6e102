//! Layouts of pods and of what makes them.

use serde_json::Value;

use super::age;
use super::core::{DESIRED, ratio};
use super::layout::{Layout, Row, joined, number, selector, text, wide};

pub(super) const PODS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Status"),
        text("Restarts"),
        text("Age"),
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ],
    cells: |row| {
        let statuses = row.list_at("/status/containerStatuses");
        let ready = statuses
            .iter()
            .filter(|status| status.get("ready").and_then(Value::as_bool) == Some(true))
            .count();
        let restarts: i64 = statuses
            .iter()
            .filter_map(|status| status.get("restartCount").and_then(Value::as_i64))
            .sum();
        vec![
            row.name(),
            format!("{ready}/{}", row.count_at("/spec/containers")).into(),
            pod_status(row).into(),
            restarts.to_string().into(),
            row.age(),
            row.cell("/status/podIP", "<none>"),
            row.cell("/spec/nodeName", "<none>"),
            row.cell("/status/nominatedNodeName", "<none>"),
            "<none>".into(),
        ]
    },
};

fn pod_status<'a>(row: &Row<'a>) -> &'a str {
    if row.at("/metadata/deletionTimestamp").is_some() {
        return "Terminating";
    }
    let waiting = row
        .list_at("/status/containerStatuses")
        .iter()
        .find_map(|status| {
            let state = status.get("state")?;
            state
                .pointer("/waiting/reason")
                .or_else(|| state.pointer("/terminated/reason"))?
                .as_str()
        });
    let reason = row.text_at("/status/reason");
    match (waiting, reason) {
        (Some(waiting), _) => waiting,
        (None, "") => row.text_at("/status/phase"),
        (None, reason) => reason,
    }
}

fn containers(row: &Row<'_>, member: &str) -> Value {
    joined(
        row.list_at("/spec/template/spec/containers")
            .iter()
            .filter_map(|container| container.get(member).and_then(Value::as_str)),
    )
}

fn wanted(row: &Row<'_>) -> i64 {
    row.at("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

pub(super) const DEPLOYMENTS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Up-to-date"),
        text("Available"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |row| {
        vec![
            row.name(),
            ratio(row.number_at("/status/readyReplicas"), wanted(row)),
            row.number_at("/status/updatedReplicas").into(),
            row.number_at("/status/availableReplicas").into(),
            row.age(),
            containers(row, "name"),
            containers(row, "image"),
            selector(row.at("/spec/selector")),
        ]
    },
};

pub(super) const REPLICA_SETS: Layout = Layout {
    columns: &[
        text("Name"),
        DESIRED,
        number("Current"),
        number("Ready"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |row| {
        vec![
            row.name(),
            wanted(row).into(),
            row.number_at("/status/replicas").into(),
            row.number_at("/status/readyReplicas").into(),
            row.age(),
            containers(row, "name"),
            containers(row, "image"),
            selector(row.at("/spec/selector")),
        ]
    },
};

pub(super) const STATEFUL_SETS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
    ],
    cells: |row| {
        vec![
            row.name(),
            ratio(row.number_at("/status/readyReplicas"), wanted(row)),
            row.age(),
            containers(row, "name"),
            containers(row, "image"),
        ]
    },
};

pub(super) const DAEMON_SETS: Layout = Layout {
    columns: &[
        text("Name"),
        DESIRED,
        number("Current"),
        number("Ready"),
        number("Up-to-date"),
        number("Available"),
        text("Node Selector"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |row| {
        vec![
            row.name(),
            row.number_at("/status/desiredNumberScheduled").into(),
            row.number_at("/status/currentNumberScheduled").into(),
            row.number_at("/status/numberReady").into(),
            row.number_at("/status/updatedNumberScheduled").into(),
            row.number_at("/status/numberAvailable").into(),
            selector(row.at("/spec/template/spec/nodeSelector")),
            row.age(),
            containers(row, "name"),
            containers(row, "image"),
            selector(row.at("/spec/selector")),
        ]
    },
};

pub(super) const JOBS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Status"),
        text("Completions"),
        text("Duration"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |row| {
        let completions = row
            .at("/spec/completions")
            .and_then(Value::as_i64)
            .unwrap_or(1);
        vec![
            row.name(),
            job_status(row).into(),
            ratio(row.number_at("/status/succeeded"), completions),
            duration(row),
            row.age(),
            containers(row, "name"),
            containers(row, "image"),
            selector(row.at("/spec/selector")),
        ]
    },
};

fn job_status<'a>(row: &Row<'a>) -> &'a str {
    let holds =
        |condition: &&Value| condition.get("status").and_then(Value::as_str) == Some("True");
    row.list_at("/status/conditions")
        .iter()
        .filter(holds)
        .find_map(|condition| condition.get("type").and_then(Value::as_str))
        .unwrap_or("Running")
}

fn duration(row: &Row<'_>) -> Value {
    let moment = |pointer| row.text_at(pointer).parse::<jiff::Timestamp>().ok();
    let Some(start) = moment("/status/startTime") else {
        return "".into();
    };
    let end = moment("/status/completionTime").unwrap_or(row.now);
    age::human(end.as_second() - start.as_second()).into()
}

pub(super) const DISRUPTION_BUDGETS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Min Available"),
        text("Max Unavailable"),
        number("Allowed Disruptions"),
        text("Age"),
    ],
    cells: |row| {
        let bound = |pointer| match row.at(pointer) {
            None | Some(Value::Null) => "N/A".into(),
            Some(Value::String(text)) => Value::from(text.as_str()),
            Some(number) => Value::from(number.to_string()),
        };
        vec![
            row.name(),
            bound("/spec/minAvailable"),
            bound("/spec/maxUnavailable"),
            row.number_at("/status/disruptionsAllowed").into(),
            row.age(),
        ]
    },
};
