//! Replacing objects, and the part that all changes of an existing object share.

use std::sync::Arc;

use serde_json::Value;

use super::admit::{default, validate};
use super::create::check_namespace;
use super::decode::Decoded;
use super::metadata::{carry_over, metadata, next_generation, set_finalizers, spec_differs};
use super::ownership::Writer;
use super::request::Request;
use super::write::{Draft, check_size, refusal};
use super::{Body, Engine, Outcome};
use crate::cluster::embedded::admission::AdmissionVerb;
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::{Object, Refused};

/// Attempts of a write that names no version and lost a race (upstream's patch retries).
pub(super) const ATTEMPTS: usize = 5;

/// Why a change of an existing object did not happen.
#[derive(Debug)]
pub(super) enum Failed {
    /// Somebody else was faster; the caller may try again.
    Raced,
    /// The answer for the client.
    Refused(Status),
}

impl From<Status> for Failed {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl Engine {
    pub(super) async fn update(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(object)) = body else {
            return Err(Status::bad_request(
                "the body of an update must be an object",
            ));
        };
        let Decoded {
            mut object,
            warnings,
        } = request.decode(object)?;
        check_name(request, &mut object)?;
        check_namespace(request, &mut object)?;
        let sent = object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut attempts = if sent.is_empty() { ATTEMPTS } else { 1 };
        loop {
            let Some(old) = self.inner.store.get(&request.kind.resource, &request.key()) else {
                if request.kind.strategy.create_on_update && request.subresource().is_none() {
                    metadata(&mut object).shift_remove("resourceVersion");
                    let object = self.insert(request, object, Writer::Update).await?;
                    return Ok(Self::answer(request, 201, object, warnings));
                }
                return Err(request.not_found());
            };
            if sent.is_empty() && !request.kind.strategy.unconditional_update {
                let why = "must be specified for an update";
                let field = "metadata.resourceVersion";
                let mut cause = Cause::invalid(field, &Value::Null, why);
                cause.message = format!("Invalid value: 0x0: {why}");
                return Err(request.invalid(request.name(), vec![cause]));
            }
            attempts -= 1;
            match self
                .change(request, &old, object.clone(), Writer::Update)
                .await
            {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }

    /// Takes the new state of an existing object through every step of an update.
    pub(super) async fn change(
        &self,
        request: &Request,
        old: &Arc<Object>,
        mut object: Value,
        writer: Writer,
    ) -> Result<Arc<Object>, Failed> {
        let kind = &request.kind;
        let shown = kind.show(old);
        let before = shown.value();
        check_version(request, &object, old)?;
        check_uid(request, &object, old)?;
        carry_over(&mut object, before);
        if request.subresource() == Some("status") {
            object = only_status(object, before);
        } else if kind.subresources.status {
            copy_member(&mut object, before, "status");
        }
        default(request, &mut object);
        if request.subresource().is_none() || request.subresource() == Some("status") {
            self.admit(request, AdmissionVerb::Update, &mut object, Some(before))
                .await?;
        }
        if request.subresource() != Some("finalize") {
            (kind.strategy.prepare)(&mut object, Some(before));
        }
        if kind.strategy.generation && spec_differs(before, &object, kind.subresources.status) {
            next_generation(&mut object);
        }
        validate(request, &object, Some(before))?;
        self.own(request, Some(before), &mut object, writer)?;
        check_size(&object)?;
        let reservation = if request.subresource().is_none() {
            self.complete(request, &mut object, Some(before))?
        } else {
            None
        };
        let draft = Draft {
            value: object,
            old: Some(Arc::clone(old)),
            reservation,
        };
        self.commit_update(request, draft)
            .map_err(|refused| match refused {
                Refused::Raced => Failed::Raced,
                other => Failed::Refused(refusal(request, other, request.name())),
            })
    }

    /// The `finalize` subresource of namespaces: replaces `spec.finalizers` and nothing else.
    pub(super) async fn finalize(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(body)) = body else {
            return Err(Status::bad_request(
                "the body of an update must be an object",
            ));
        };
        let Decoded {
            object: mut body,
            warnings,
        } = request.decode(body)?;
        check_name(request, &mut body)?;
        let mut attempts = ATTEMPTS;
        loop {
            let old = self.current(request)?;
            check_version(request, &body, &old)?;
            let mut object = old.value().clone();
            object["spec"] = body["spec"].clone();
            if object["spec"].is_null() {
                object["spec"] = Value::Object(serde_json::Map::new());
            }
            let finalizers = super::metadata::finalizers(&old.value().clone());
            set_finalizers(&mut object, finalizers);
            attempts -= 1;
            match self.change(request, &old, object, Writer::Server).await {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }
}

/// The name of the object must be the one of the path.
fn check_name(request: &Request, object: &mut Value) -> Result<(), Status> {
    let metadata = metadata(object);
    let found = metadata
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let wanted = request.name();
    if found.is_empty() {
        return Err(Status::bad_request("name must be provided"));
    }
    if found == wanted {
        return Ok(());
    }
    Err(Status::bad_request(format!(
        "the name of the object ({found}) does not match the name on the URL ({wanted})"
    )))
}

/// A version in the new state is a lock on that version.
fn check_version(request: &Request, object: &Value, old: &Object) -> Result<(), Status> {
    let sent = object["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default();
    if sent.is_empty() || sent == "0" || sent == old.version().to_string() {
        return Ok(());
    }
    if sent.parse::<u64>().is_err() {
        let value = sent.into();
        let cause = Cause::invalid(
            "metadata.resourceVersion",
            &value,
            "must be an unsigned number",
        );
        return Err(request.invalid(request.name(), vec![cause]));
    }
    Err(request.stale())
}

/// A uid in the new state means exactly that object.
fn check_uid(request: &Request, object: &Value, old: &Object) -> Result<(), Status> {
    let sent = object["metadata"]["uid"].as_str().unwrap_or_default();
    if sent.is_empty() || sent == old.uid() {
        return Ok(());
    }
    Err(request.conflict(format!(
        "Precondition failed: UID in precondition: {sent}, UID in object meta: {}",
        old.uid()
    )))
}

/// The old object with the status, and the field ownership, of the new one.
fn only_status(object: Value, before: &Value) -> Value {
    let mut result = before.clone();
    copy_member(&mut result, &object, "status");
    let metadata = metadata(&mut result);
    match object["metadata"].get("managedFields") {
        Some(fields) => metadata.insert("managedFields".into(), fields.clone()),
        None => metadata.shift_remove("managedFields"),
    };
    result
}

fn copy_member(object: &mut Value, from: &Value, member: &str) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    match from.get(member) {
        Some(value) => object.insert(member.to_owned(), value.clone()),
        None => object.shift_remove(member),
    };
}
