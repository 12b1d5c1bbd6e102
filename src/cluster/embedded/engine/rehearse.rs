//! A write without a store: what the API would answer to an object, before anything is looked up.

use std::sync::Arc;

use serde_json::Value;

use super::Verb;
use super::admit::{default, refusal, validate};
use super::create::{check_namespace, drop_status};
use super::metadata::{begin, carry_over, resolve_name};
use super::request::Request;
use super::update::copy_member;
use crate::cluster::embedded::kinds::Kind;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Key;

/// Nothing is stored, so nothing has a time either.
const NO_TIME: &str = "1970-01-01T00:00:00Z";
/// Where clients put objects that name no namespace.
const NAMESPACE: &str = "default";

/// Why a rehearsed write would not happen.
#[derive(Debug)]
pub enum Rejection {
    /// The kind has no fields of these paths (strict decoding, which clients ask for).
    Unknown(Vec<String>),
    /// The answer of the API.
    Refused(Status),
}

impl From<Status> for Rejection {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

/// Takes an object through every step of a create, or of an update of `old`, that depends on
/// nothing but the object. Answers the object as it would be stored.
///
/// `admit` is admission: it may return a changed object, or refuse. A refusal with code 400 means
/// that it could not read the object.
pub fn rehearse(
    kind: &Arc<Kind>,
    object: Value,
    old: Option<&Value>,
    admit: impl FnOnce(&Value, Option<&Value>) -> Result<Option<Value>, Status>,
) -> Result<Value, Rejection> {
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
    let namespace = Some(text("namespace")).filter(|name| !name.is_empty());
    let key = Key::new(namespace.unwrap_or(NAMESPACE), text("name"));
    let verb = match old {
        Some(_) => Verb::Update,
        None => Verb::Create,
    };
    let request = Request::internal(Arc::clone(kind), verb, &key);
    let (mut object, unknown) = request.read(object)?;
    if !unknown.is_empty() {
        return Err(Rejection::Unknown(unknown));
    }
    check_namespace(&request, &mut object)?;
    if let Some(old) = old {
        carry_over(&mut object, old);
        if kind.subresources.status {
            copy_member(&mut object, old, "status");
        }
    } else {
        resolve_name(&mut object);
        begin(&mut object, kind.strategy.generation, NO_TIME);
        if kind.subresources.status && !kind.strategy.keeps_status_on_create {
            drop_status(&mut object);
        }
    }
    default(&request, &mut object);
    match admit(&object, old) {
        Ok(None) => {}
        Ok(Some(changed)) => {
            object = changed;
            default(&request, &mut object);
        }
        Err(status) => return Err(refusal(&request, &object, old, status).into()),
    }
    (kind.strategy.prepare)(&mut object, old);
    validate(&request, &object, old)?;
    Ok(object)
}
