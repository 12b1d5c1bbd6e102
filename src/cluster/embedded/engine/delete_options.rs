//! `DeleteOptions`, from the body or else from the query.

use serde_json::Value;

use super::request::{Request, dry_run_causes};
use super::{Body, Operation, Verb};
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::Object;

/// What happens to dependents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cluster::embedded) enum Propagation {
    /// They go after the owner.
    Background,
    /// They go first.
    Foreground,
    /// They stay.
    Orphan,
}

/// The options of one delete.
#[derive(Debug, Clone, Default)]
pub(super) struct DeleteOptions {
    pub(super) propagation: Option<Propagation>,
    orphan_dependents: Option<bool>,
    uid: Option<String>,
    version: Option<String>,
}

impl DeleteOptions {
    /// Reads and checks the options.
    pub(super) fn read(request: &Request, body: Option<Body>) -> Result<Self, Status> {
        let body = match body {
            None => Value::Null,
            Some(Body::Object(body)) => body,
            Some(_) => return Err(Status::bad_request("the body must be DeleteOptions")),
        };
        let query = &request.options;
        let text = |value: &Value| {
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let policy = text(&body["propagationPolicy"]).or_else(|| {
            query
                .propagation_policy
                .clone()
                .filter(|policy| !policy.is_empty())
        });
        let orphan = body["orphanDependents"]
            .as_bool()
            .or(query.orphan_dependents);
        let mut causes = Vec::new();
        let propagation = match policy.as_deref() {
            None => orphan.map(|orphan| {
                if orphan {
                    Propagation::Orphan
                } else {
                    Propagation::Background
                }
            }),
            Some("Background") => Some(Propagation::Background),
            Some("Foreground") => Some(Propagation::Foreground),
            Some("Orphan") => Some(Propagation::Orphan),
            Some(other) => {
                let known = ["Foreground", "Background", "Orphan", "nil"];
                causes.push(Cause::not_supported(
                    "propagationPolicy",
                    &other.into(),
                    &known,
                ));
                None
            }
        };
        if policy.is_some() && orphan.is_some() {
            let why = "orphanDependents and deletionPropagation cannot be both set";
            let value = policy.as_deref().unwrap_or_default().into();
            causes.push(Cause::invalid("propagationPolicy", &value, why));
        }
        let dry_run = body["dryRun"].as_array().into_iter().flatten();
        let dry_run: Vec<String> = dry_run
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        causes.extend(dry_run_causes(&dry_run));
        if !causes.is_empty() {
            return Err(Status::invalid("meta.k8s.io", "DeleteOptions", "", causes));
        }
        Ok(Self {
            propagation,
            orphan_dependents: orphan,
            uid: text(&body["preconditions"]["uid"]),
            version: text(&body["preconditions"]["resourceVersion"]),
        })
    }

    /// The options of a delete by the control plane itself: this very object, this policy.
    pub(super) fn internal(uid: &str, propagation: Propagation) -> Self {
        Self {
            propagation: Some(propagation),
            uid: Some(uid.to_owned()),
            ..Self::default()
        }
    }

    /// Whether the body of a delete asks for a dry run.
    pub(super) fn asks_for_dry_run(operation: &Operation) -> bool {
        if !matches!(operation.verb, Verb::Delete | Verb::DeleteCollection) {
            return false;
        }
        let Some(Body::Object(body)) = &operation.body else {
            return false;
        };
        body["dryRun"]
            .as_array()
            .is_some_and(|values| !values.is_empty())
    }

    /// Upstream says 202 when a client of the old flag has to wait.
    pub(super) fn waits(&self) -> bool {
        self.orphan_dependents == Some(false)
    }

    /// Checks the preconditions.
    pub(super) fn check(&self, request: &Request, object: &Object) -> Result<(), Status> {
        if let Some(uid) = self.uid.as_ref().filter(|uid| *uid != object.uid()) {
            return Err(request.conflict(format!(
                "the UID in the precondition ({uid}) does not match the UID in record ({}). The \
                 object might have been deleted and then recreated",
                object.uid()
            )));
        }
        let current = object.version().to_string();
        if let Some(version) = self.version.as_ref().filter(|version| **version != current) {
            return Err(request.conflict(format!(
                "the ResourceVersion in the precondition ({version}) does not match the \
                 ResourceVersion in record ({current}). The object might have been modified"
            )));
        }
        Ok(())
    }
}
