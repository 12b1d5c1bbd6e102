//! Calling admission, and the checks around it.

use serde_json::Value;

use super::Engine;
use super::request::Request;
use crate::cluster::embedded::admission::{AdmissionReview, AdmissionVerb};
use crate::cluster::embedded::schema::{self, meta};
use crate::cluster::embedded::status::{Cause, Status};

impl Engine {
    /// Lets admission change or refuse a write.
    ///
    /// Admission sees an object before its schema is asked, as a mutating webhook does. An
    /// admission that answers 400 could not even read the object; then the schema has the say,
    /// because it names the fields.
    pub(super) async fn admit(
        &self,
        request: &Request,
        verb: AdmissionVerb,
        object: &mut Value,
        old: Option<&Value>,
    ) -> Result<(), Status> {
        if verb != AdmissionVerb::Delete {
            self.check_escalation(request, object)?;
        }
        if self.inner.options.admission.is_empty() {
            return Ok(());
        }
        let name = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let deletes = verb == AdmissionVerb::Delete;
        let mut review = AdmissionReview {
            verb,
            user: request.user.clone(),
            group: request.kind.group.clone(),
            version: request.kind.version.clone(),
            kind: request.kind.kind.clone(),
            resource: request.kind.plural.clone(),
            subresource: request.target.subresource.clone(),
            namespace: request.target.namespace.clone(),
            name: name.clone(),
            object: (!deletes).then(|| object.clone()),
            old_object: old.cloned(),
            dry_run: request.dry_run,
        };
        for admission in &self.inner.options.admission {
            if let Err(status) = admission.admit(&mut review).await {
                return Err(if deletes {
                    status
                } else {
                    refusal(request, object, old, status)
                });
            }
        }
        if let Some(changed) = review.object.filter(|changed| changed != object) {
            *object = changed;
            default(request, object);
        }
        Ok(())
    }
}

/// What a client gets to hear when admission has refused an object with `status`.
pub(super) fn refusal(
    request: &Request,
    object: &Value,
    old: Option<&Value>,
    status: Status,
) -> Status {
    if status.code == 400
        && let Err(clearer) = validate(request, object, old)
    {
        return clearer;
    }
    status
}

/// Fills in the defaults of the kind and of its schema.
pub(super) fn default(request: &Request, object: &mut Value) {
    (request.kind.strategy.default)(object);
    if let Some(schema) = &request.kind.schema {
        schema.apply_defaults(object);
    }
}

fn schema_causes(request: &Request, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let schema = request.kind.schema.as_ref();
    schema
        .map(|schema| schema::validate_change(schema, object, old))
        .unwrap_or_default()
}

/// Checks an object that is about to be written.
pub(super) fn validate(
    request: &Request,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let kind = &request.kind;
    let mut causes = meta::validate(
        object,
        meta::MetaRules {
            name: kind.strategy.name,
            namespaced: kind.is_namespaced(),
            qualified_finalizers: !kind.is_custom(),
        },
    );
    if let Some(old) = old {
        causes.extend(meta::validate_update(old, object));
    }
    (kind.strategy.validate)(object, old, &mut causes);
    causes.extend(schema_causes(request, object, old));
    if causes.is_empty() {
        return Ok(());
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    Err(request.invalid(name, causes))
}
