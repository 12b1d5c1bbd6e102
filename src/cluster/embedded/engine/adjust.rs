//! Writes of the control plane itself: no authorization, no change of field ownership.

use serde_json::Value;

use super::delete::Deleted;
use super::delete_options::{DeleteOptions, Propagation};
use super::request::Request;
use super::update::{ATTEMPTS, Failed};
use super::write::{Draft, refusal};
use super::{Engine, Verb};
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Key, Refused};

/// What became of an object that the control plane wanted to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cluster::embedded) enum Adjusted {
    /// It was written, or had nothing to change.
    Done,
    /// It is gone, or another object has its name now.
    Gone,
}

impl Engine {
    /// Changes an object as it is stored, status and all; `change` may run more than once.
    pub(in crate::cluster::embedded) fn adjust(
        &self,
        resource: &ResourceId,
        key: &Key,
        uid: &str,
        change: impl Fn(&mut Value),
    ) -> Result<Adjusted, Status> {
        let Some(kind) = self.inner.registry.stored(resource) else {
            return Ok(Adjusted::Gone);
        };
        let request = Request::internal(kind, Verb::Update, key);
        for _ in 0..ATTEMPTS {
            let old = self.inner.store.get(resource, key);
            let Some(old) = old.filter(|old| old.uid() == uid) else {
                return Ok(Adjusted::Gone);
            };
            let mut value = request.kind.show(&old).value().clone();
            change(&mut value);
            let draft = Draft {
                value,
                old: Some(old),
                reservation: None,
            };
            match self.commit_update(&request, draft) {
                Ok(_) => return Ok(Adjusted::Done),
                Err(Refused::Raced) => {}
                Err(refused) => return Err(refusal(&request, refused, &key.name)),
            }
        }
        Err(request.stale())
    }

    /// Deletes one object, if it is still the one with this uid.
    pub(in crate::cluster::embedded) async fn remove(
        &self,
        resource: &ResourceId,
        key: &Key,
        uid: &str,
        propagation: Propagation,
    ) -> Result<Adjusted, Status> {
        let Some(kind) = self.inner.registry.stored(resource) else {
            return Ok(Adjusted::Gone);
        };
        let request = Request::internal(kind, Verb::Delete, key);
        let options = DeleteOptions::internal(uid, propagation);
        for _ in 0..ATTEMPTS {
            let old = self.inner.store.get(resource, key);
            let Some(old) = old.filter(|old| old.uid() == uid) else {
                return Ok(Adjusted::Gone);
            };
            match self.delete_one(&request, &options, &old).await {
                Ok(Deleted::Gone(_) | Deleted::Held(_)) => return Ok(Adjusted::Done),
                Err(Failed::Raced) => {}
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
        Err(request.stale())
    }
}
