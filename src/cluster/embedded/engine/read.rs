//! Reading one object.

use std::sync::Arc;

use super::request::Request;
use super::{Content, Engine, Outcome};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Object;

impl Engine {
    pub(super) fn get(&self, request: &Request) -> Result<Outcome, Status> {
        self.check_read_version(request)?;
        let object = self.current(request)?;
        let shown = request.kind.show(&object);
        Ok(Outcome {
            code: 200,
            content: Content::Object(shown),
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }

    /// The object as stored, or 404.
    pub(super) fn current(&self, request: &Request) -> Result<Arc<Object>, Status> {
        let found = self.inner.store.get(&request.kind.resource, &request.key());
        found.ok_or_else(|| request.not_found())
    }

    /// A version that the store has not reached is a time-out that may be retried.
    pub(super) fn check_read_version(&self, request: &Request) -> Result<Option<u64>, Status> {
        let Some(version) = parse_version(request.options.resource_version.as_deref())? else {
            return Ok(None);
        };
        let current = self.inner.store.version();
        if version > current {
            return Err(Status::version_too_large(version, current));
        }
        Ok(Some(version))
    }
}

/// A resource version parameter; `None` when it is missing or empty.
pub(super) fn parse_version(text: Option<&str>) -> Result<Option<u64>, Status> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        Status::bad_request(format!(
            "resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: \
             invalid syntax"
        ))
    })
}
