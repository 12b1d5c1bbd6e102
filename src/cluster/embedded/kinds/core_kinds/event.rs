//! Event: one store, two views. Objects are stored as core/v1; `events.k8s.io/v1` renames members.

use serde_json::{Map, Value};

use crate::cluster::embedded::kinds::json::{is_blank, text};
use crate::cluster::embedded::kinds::strategy::{Strategy, View};
use crate::cluster::embedded::status::Cause;

const SELECTABLE: &[&str] = &[
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

/// The rules of Event in the core group.
pub(in crate::cluster::embedded::kinds) const CORE: Strategy = Strategy {
    create_on_update: true,
    selectable: SELECTABLE,
    default: default_core,
    validate: validate_core,
    ..Strategy::PLAIN
};

/// The rules of Event in `events.k8s.io`.
pub(in crate::cluster::embedded::kinds) const EVENTS: Strategy = Strategy {
    create_on_update: true,
    selectable: &[
        "regarding.kind",
        "regarding.namespace",
        "regarding.name",
        "regarding.uid",
        "regarding.apiVersion",
        "regarding.resourceVersion",
        "regarding.fieldPath",
        "reason",
        "reportingController",
        "type",
    ],
    validate: validate_events,
    view: Some(View {
        to_storage,
        from_storage,
        renamed: RENAMED,
    }),
    ..Strategy::PLAIN
};

/// Pairs of member names: in `events.k8s.io`, in the core group.
const RENAMED: &[(&str, &str)] = &[
    ("note", "message"),
    ("regarding", "involvedObject"),
    ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];

/// Members of the core form that are always written, as Go's encoder does.
const ALWAYS_CORE: &[&str] = &["source", "firstTimestamp", "lastTimestamp", "eventTime"];

fn to_storage(object: &mut Value) {
    rename(object, |name| {
        RENAMED
            .iter()
            .find(|(events, _)| *events == name)
            .map(|(_, core)| *core)
    });
    object["apiVersion"] = "v1".into();
    default_core(object);
}

fn from_storage(object: &mut Value) {
    rename(object, |name| {
        RENAMED
            .iter()
            .find(|(_, core)| *core == name)
            .map(|(events, _)| *events)
    });
    object["apiVersion"] = "events.k8s.io/v1".into();
}

fn rename(object: &mut Value, to: impl Fn(&str) -> Option<&'static str>) {
    let Some(members) = object.as_object_mut() else {
        return;
    };
    let renamed: Map<String, Value> = std::mem::take(members)
        .into_iter()
        .map(|(name, value)| (to(&name).map_or_else(|| name.clone(), str::to_owned), value))
        .collect();
    *members = renamed;
}

fn default_core(object: &mut Value) {
    let Some(members) = object.as_object_mut() else {
        return;
    };
    for member in ALWAYS_CORE {
        if !members.contains_key(*member) {
            let empty = if *member == "source" {
                Map::new().into()
            } else {
                Value::Null
            };
            members.insert((*member).to_owned(), empty);
        }
    }
    for member in ["reportingComponent", "reportingInstance"] {
        if !members.contains_key(member) {
            members.insert(member.to_owned(), "".into());
        }
    }
}

/// The namespace of an event is that of its object, or `default` for cluster-scoped objects.
fn check_namespace(object: &Value, member: &str, causes: &mut Vec<Cause>) {
    let about = text(object, &[member, "namespace"]);
    let own = text(object, &["metadata", "namespace"]);
    let fits = if about.is_empty() {
        own == "default" || own == "kube-system"
    } else {
        about == own
    };
    if !fits {
        causes.push(Cause::invalid(
            format!("{member}.namespace"),
            &about.into(),
            "does not match event.namespace",
        ));
    }
}

fn validate_core(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    check_namespace(object, "involvedObject", causes);
}

fn validate_events(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    check_namespace(object, "regarding", causes);
    if old.is_some() || is_blank(object.get("eventTime")) {
        if old.is_none() {
            causes.push(Cause::required("eventTime", ""));
        }
        return;
    }
    for member in [
        "reportingController",
        "reportingInstance",
        "action",
        "reason",
    ] {
        if is_blank(object.get(member)) {
            causes.push(Cause::required(member, ""));
        }
    }
    let event_type = text(object, &["type"]);
    if !["Normal", "Warning"].contains(&event_type) {
        causes.push(Cause::invalid(
            "type",
            &event_type.into(),
            "has invalid value",
        ));
    }
    if text(object, &["note"]).len() > 1024 {
        causes.push(Cause::invalid(
            "note",
            &"".into(),
            "can have at most 1024 characters",
        ));
    }
}
