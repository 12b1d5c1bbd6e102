//! What an API server with this admission answers to a write, without any server.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::{Finding, Operation, Refusal, Request, default, global_id, review};
use crate::{
    api::{
        core::{Seed, Shoot},
        validation::{FieldError, Layer, Review, Rules},
    },
    cluster::embedded::{
        engine::{Rejection, rehearse},
        kinds::{Kind, definition},
        status::Status,
    },
    stack::{merge, networking_calico},
};

/// Reading schemas takes longer than judging hundreds of objects, and they are always the same.
static KINDS: LazyLock<Vec<Arc<Kind>>> = LazyLock::new(|| {
    let definitions = crate::api::crds()
        .into_iter()
        .map(|definition| serde_json::to_value(definition).expect("a definition has a JSON form"));
    definitions
        .flat_map(|definition| definition::kinds(&definition))
        .map(Arc::new)
        .collect()
});

/// An object that somebody wants to write.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// The object as it was typed.
    pub object: &'a Value,
    /// The object as it was typed the time before, for an update.
    pub old: Option<&'a Value>,
    /// The Seed that a Shoot names, where it is known.
    pub seed: Option<&'a Seed>,
}

/// A write that the API server refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The HTTP status.
    pub code: u16,
    /// Everything that the first layer to complain has found.
    pub findings: Vec<Finding>,
}

impl Refused {
    fn malformed(code: u16, sentence: &str) -> Self {
        let finding = Finding::of_decoder("Malformed", "", sentence);
        Self {
            code,
            findings: vec![finding],
        }
    }

    fn of_fields(code: u16, errors: &[FieldError]) -> Self {
        Self {
            code,
            findings: errors.iter().map(Finding::from).collect(),
        }
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        let causes = status
            .details
            .as_ref()
            .map(|details| details.causes.as_slice())
            .unwrap_or_default();
        if causes.is_empty() {
            return Self::malformed(status.code, &status.message);
        }
        Self {
            code: status.code,
            findings: causes.iter().map(Finding::from).collect(),
        }
    }
}

/// Judges writes as an API server does: decoding, defaults, the rules, then metadata and schema.
/// The first of them that finds something answers.
#[derive(Clone, Debug)]
pub struct Judge {
    rules: Rules,
}

impl Judge {
    /// A judge by a rule set, for all kinds that [`crate::api::crds`] defines.
    pub const fn new(rules: Rules) -> Self {
        Self { rules }
    }

    /// The kinds that can be judged.
    pub fn kinds() -> &'static [Arc<Kind>] {
        &KINDS
    }

    /// The kind of an object, if it can be judged.
    pub fn kind_of(object: &Value) -> Option<&'static Arc<Kind>> {
        KINDS.iter().find(|kind| {
            object["kind"] == kind.kind.as_str()
                && object["apiVersion"] == kind.api_version().as_str()
        })
    }

    /// The answer to a write: the object as it would be stored, or why not. Kinds that cannot be
    /// judged are stored as they are.
    ///
    /// An update is what `kubectl apply` makes of it: the old object is stored with its defaults,
    /// and the difference between the old and the new text is applied to that.
    pub fn answer(&self, write: &Write<'_>) -> Result<Value, Refused> {
        let Some(kind) = Self::kind_of(write.object) else {
            return Ok(write.object.clone());
        };
        let stored = write.old.map(|old| self.stored(old, write.seed));
        let stored = stored.transpose()?;
        let object = match (write.old, &stored) {
            (Some(old), Some(stored)) => applied(old, write.object, stored),
            _ => write.object.clone(),
        };
        let mut fields = None;
        let outcome = rehearse(kind, object, stored.as_ref(), |object, old| {
            let operation = match old {
                Some(_) => Operation::Update,
                None => Operation::Create,
            };
            let request = Request {
                operation,
                subresource: None,
                object,
                old,
            };
            review(&request, write.seed, &self.rules, global_id).map_err(|refusal| match refusal {
                Refusal::Fields { code, errors } => {
                    fields = Some(Refused::of_fields(code, &errors));
                    Status::new(code, "", "")
                }
                Refusal::Malformed { message } => Status::bad_request(message),
            })
        });
        match (outcome, fields) {
            (Ok(stored), _) => Ok(stored),
            (Err(_), Some(refused)) => Err(refused),
            (Err(Rejection::Refused(status)), None) => Err(status.into()),
            (Err(Rejection::Unknown(paths)), None) => Err(Refused {
                code: 400,
                findings: paths.iter().map(|path| unknown(kind, path)).collect(),
            }),
        }
    }

    /// What is accepted about a Shoot although it cannot work, or not in every Kubernetes.
    pub fn doubts(&self, stored: &Value) -> Vec<Finding> {
        if stored["kind"] != "Shoot" || Self::kind_of(stored).is_none() {
            return Vec::new();
        }
        let review = Review {
            new: stored,
            old: None,
            seed: None,
            rules: &self.rules,
        };
        let mut errors = review.run(Layer::Kube).unwrap_or_default();
        if let Ok(shoot) = serde_json::from_value::<Shoot>(stored.clone()) {
            errors.extend(networking_calico::doubts(&shoot));
        }
        errors.iter().map(Finding::from).collect()
    }

    /// An object of the past as it was stored then: with the defaults of its time.
    fn stored(&self, old: &Value, seed: Option<&Seed>) -> Result<Value, Refused> {
        let request = Request {
            operation: Operation::Update,
            subresource: None,
            object: old,
            old: None,
        };
        let defaulted = default(&request, seed, &self.rules, global_id).map_err(|refusal| {
            Refused::malformed(422, &format!("the old object is malformed: {refusal}"))
        })?;
        Ok(defaulted.unwrap_or_else(|| old.clone()))
    }
}

/// The stored object with the changes that lead from the old text to the new one.
fn applied(old: &Value, new: &Value, stored: &Value) -> Value {
    let mut object = stored.clone();
    if let Some(patch) = merge::difference(old, new) {
        json_patch::merge(&mut object, &patch);
    }
    object
}

/// A field that the schema does not have, with those that it has at that place.
fn unknown(kind: &Kind, path: &str) -> Finding {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let known = kind
        .schema
        .as_deref()
        .and_then(|schema| {
            parent
                .split('.')
                .filter(|step| !step.is_empty())
                .try_fold(schema, |schema, step| {
                    let name = step.split('[').next().unwrap_or(step);
                    let below = schema.property(name).or(schema.additional_schema())?;
                    if step.contains('[') {
                        below.items()
                    } else {
                        Some(below)
                    }
                })
        })
        .map(|schema| {
            schema
                .property_names()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
    let place = if parent.is_empty() {
        kind.kind.clone()
    } else {
        format!("{} {parent}", kind.kind)
    };
    let near = crate::nearest::nearest(name, known);
    let advice = match crate::nearest::hint(&near) {
        hint if hint.is_empty() => format!("; remove it, {place} has no such field"),
        hint => hint,
    };
    let detail = format!("strict decoding error: unknown field {path:?}{advice}");
    Finding::of_decoder("UnknownField", path, detail)
}

#[cfg(test)]
mod tests;
