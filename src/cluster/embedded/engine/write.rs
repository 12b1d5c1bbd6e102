//! The last step of every write: the commit and what follows from it.

use std::sync::Arc;

use serde_json::Value;

use super::metadata::{finalizers, is_deleting};
use super::request::Request;
use super::{Content, Engine, Outcome};
use crate::cluster::embedded::kinds::service::Reservation;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Action, Commit, Key, Object, Refused};

/// Largest object, as JSON text (etcd's request limit upstream).
const MOST_BYTES: usize = 3 << 19;

/// A state that has passed every check.
#[derive(Debug)]
pub(super) struct Draft {
    /// The state in the version of the request.
    pub(super) value: Value,
    /// The stored object it replaces.
    pub(super) old: Option<Arc<Object>>,
    /// What it has reserved.
    pub(super) reservation: Option<Reservation>,
}

impl Engine {
    /// Writes a draft; `Refused::Raced` is for the caller to judge.
    pub(super) fn commit(
        &self,
        request: &Request,
        draft: Draft,
        action: Action,
    ) -> Result<Arc<Object>, Refused> {
        let kind = &request.kind;
        let value = kind.stored(draft.value);
        let name = value["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let creates = draft.old.is_none();
        let written = self.inner.store.commit(Commit {
            resource: Arc::clone(&kind.resource),
            key: Key::new(request.namespace(), name),
            expected: draft.old.as_ref().map(|old| old.version()),
            value,
            action,
            inside: (creates && kind.is_namespaced()).then(|| request.namespace().to_owned()),
        })?;
        if let Some(reservation) = draft.reservation {
            reservation.keep();
        }
        let new = (action == Action::Put).then(|| written.value());
        self.settle(kind, draft.old.as_ref().map(|old| old.value()), new);
        Ok(written)
    }

    /// Finishes an update: nothing when nothing changed, a removal when the last finalizer went.
    pub(super) fn commit_update(
        &self,
        request: &Request,
        draft: Draft,
    ) -> Result<Arc<Object>, Refused> {
        let old = draft.old.clone().ok_or(Refused::Raced)?;
        if is_released(&draft.value) {
            if request.dry_run {
                return Ok(Arc::new(Object::new(draft.value, old.version())));
            }
            let answer = draft.value.clone();
            // Watchers see the last state that was stored, as upstream shows it.
            let gone = Draft {
                value: request.kind.shown(old.value().clone()),
                ..draft
            };
            let written = self.commit(request, gone, Action::Delete)?;
            return Ok(Arc::new(Object::new(answer, written.version())));
        }
        let unchanged = if request.kind.is_stored_form() {
            draft.value == *old.value()
        } else {
            request.kind.stored(draft.value.clone()) == *old.value()
        };
        if unchanged {
            return Ok(request.kind.show(&old));
        }
        if request.dry_run {
            return Ok(Arc::new(Object::new(draft.value, old.version())));
        }
        let written = self.commit(request, draft, Action::Put)?;
        Ok(request.kind.show(&written))
    }

    /// An answer with one object.
    pub(super) fn answer(
        request: &Request,
        code: u16,
        object: Arc<Object>,
        warnings: Vec<String>,
    ) -> Outcome {
        Outcome {
            code,
            content: Content::Object(object),
            kind: Arc::clone(&request.kind),
            warnings,
        }
    }
}

/// Whether nothing holds an object that is being deleted.
pub(super) fn is_released(object: &Value) -> bool {
    let held_by_namespace = object["kind"] == "Namespace"
        && object["apiVersion"] == "v1"
        && object["spec"]["finalizers"]
            .as_array()
            .is_some_and(|list| !list.is_empty());
    is_deleting(object) && finalizers(object).is_empty() && !held_by_namespace
}

/// What a refused write is to the client; lost races are conflicts.
pub(super) fn refusal(request: &Request, refused: Refused, name: &str) -> Status {
    let (group, plural) = (&request.kind.group, &request.kind.plural);
    match refused {
        Refused::Raced => Status::stale(group, plural, name),
        Refused::NamespaceMissing { namespace } => Status::not_found("", "namespaces", &namespace),
        Refused::NamespaceTerminating { namespace } => terminating(group, plural, name, &namespace),
        Refused::Log { message } => Status::internal(message),
    }
}

/// 403 for a create in a namespace that goes away.
pub(super) fn terminating(group: &str, plural: &str, name: &str, namespace: &str) -> Status {
    let why = format!(
        "unable to create new content in namespace {namespace} because it is being terminated"
    );
    let cause = format!("namespace {namespace} is being terminated");
    Status::forbidden(group, plural, name, why).with_cause(
        "NamespaceTerminating",
        cause,
        "metadata.namespace",
    )
}

/// Refuses an object that is larger than upstream could store.
pub(super) fn check_size(object: &Value) -> Result<(), Status> {
    let size = crate::cluster::embedded::store::weight(object);
    if size > MOST_BYTES {
        Err(Status::too_large(MOST_BYTES))
    } else {
        Ok(())
    }
}
