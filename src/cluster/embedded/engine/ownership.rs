//! Who owns which field: the seam between the verbs and the ownership room.

use std::sync::Arc;

use serde_json::Value;

use super::Engine;
use super::request::Request;
use crate::cluster::embedded::fields::{Extent, FieldType, Writer, apply, shapes, update};
use crate::cluster::embedded::patch::strategic;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Object;

/// How a state came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// A create, an update or a patch: the manager owns what it changed.
    Update,
    /// Server-side apply: ownership has been settled by the merge.
    Apply,
    /// The control plane itself: ownership stays as it is.
    Server,
}

const STATUS: &[&str] = &["status"];

impl Request {
    /// What the fields of the kind are made of.
    pub(super) fn field_types(&self) -> FieldType<'_> {
        match &self.kind.schema {
            Some(schema) => FieldType::custom(schema),
            None => FieldType::built_in(&self.kind.group, &self.kind.kind),
        }
    }

    fn extent(&self) -> Extent<'static> {
        match self.subresource() {
            Some("status") => Extent::Only(STATUS),
            _ if self.kind.subresources.status => Extent::AllBut(STATUS),
            _ => Extent::Whole,
        }
    }
}

impl Engine {
    /// Lets `with` work on behalf of the writer of a request.
    fn as_writer<T>(&self, request: &Request, with: impl FnOnce(&Writer<'_>) -> T) -> T {
        let (manager, api_version, now) =
            (request.manager(), request.kind.api_version(), self.now());
        with(&Writer {
            manager: &manager,
            api_version: &api_version,
            subresource: request.subresource().unwrap_or_default(),
            now: &now,
            extent: request.extent(),
        })
    }

    /// Brings `metadata.managedFields` up to date with a write.
    pub(super) fn own(
        &self,
        request: &Request,
        old: Option<&Value>,
        object: &mut Value,
        means: Means,
    ) {
        if means == Means::Update {
            self.as_writer(request, |writer| {
                update(old, object, writer, request.field_types());
            });
        }
    }

    /// The state that an applied configuration asks for, with its ownership.
    pub(super) fn merge_applied(
        &self,
        request: &Request,
        old: Option<&Arc<Object>>,
        applied: &Value,
    ) -> Result<Value, Status> {
        let live = old.map(|old| request.kind.show(old));
        let live = live.as_ref().map(|live| live.value());
        let force = request.options.force.unwrap_or_default();
        let merged = self.as_writer(request, |writer| {
            apply(live, applied, writer, force, request.field_types())
        });
        Ok(merged?)
    }
}

/// Applies a strategic merge patch to an object of a built-in kind.
pub(super) fn strategic_merge(
    request: &Request,
    object: &mut Value,
    patch: &Value,
) -> Result<(), Status> {
    let shape = shapes::of(&request.kind.group, &request.kind.kind);
    strategic::apply(object, patch, shape).map_err(|error| Status::bad_request(error.to_string()))
}
