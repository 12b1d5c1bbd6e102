//! The in-process admission seam: functions that may change or refuse an object before it is kept.

use async_trait::async_trait;
use serde_json::Value;

use super::engine::User;
use super::status::Status;

/// What is about to happen to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionVerb {
    /// A new object.
    Create,
    /// A changed object, whichever verb changed it.
    Update,
    /// The object goes away or gets its deletion time stamp.
    Delete,
}

/// One request as admission sees it (`admission.k8s.io/v1` in process).
#[derive(Debug, Clone)]
pub struct AdmissionReview {
    /// What is about to happen.
    pub verb: AdmissionVerb,
    /// Who asks.
    pub user: User,
    /// API group of the object.
    pub group: String,
    /// API version of the object as given in the request.
    pub version: String,
    /// Kind of the object.
    pub kind: String,
    /// Plural resource name.
    pub resource: String,
    /// Subresource of the request, if any.
    pub subresource: Option<String>,
    /// Namespace, unless cluster-scoped.
    pub namespace: Option<String>,
    /// Name; empty while `generateName` has not been resolved.
    pub name: String,
    /// The new object; may be changed. `None` on delete.
    pub object: Option<Value>,
    /// The object as stored. `None` on create.
    pub old_object: Option<Value>,
    /// Whether the request will leave no trace.
    pub dry_run: bool,
}

/// A function that takes part in every write.
#[async_trait]
pub trait Admission: Send + Sync {
    /// Changes `review.object`, or refuses the request.
    async fn admit(&self, review: &mut AdmissionReview) -> Result<(), Status>;
}
