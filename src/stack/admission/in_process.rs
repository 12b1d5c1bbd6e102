//! Admission inside the embedded control plane.

use std::sync::OnceLock;

use async_trait::async_trait;
use kube::{Api, Client};

use super::pipeline::{Operation, Refusal, Request, review, wants_seed};
use crate::{
    api::{
        core::Seed,
        validation::{FieldError, Rules},
    },
    cluster::embedded::{
        admission::{Admission, AdmissionReview, AdmissionVerb},
        status::{Cause, Status},
    },
    stack::options::Options,
};

/// Admission of the stack for an embedded control plane.
///
/// A Shoot with a Seed is judged with the Seed in view, which is read through the control plane
/// itself; until [`StackAdmission::attach`] no Seed is known.
#[derive(Default)]
pub struct StackAdmission {
    rules: Rules,
    client: OnceLock<Client>,
}

impl StackAdmission {
    /// Admission by the rules of the options.
    pub fn new(options: &Options) -> Self {
        Self {
            rules: options.rules(),
            client: OnceLock::new(),
        }
    }

    /// Gives access to the control plane that this is part of. Later calls change nothing.
    pub fn attach(&self, client: Client) {
        self.client.get_or_init(|| client);
    }

    async fn seed(&self, name: &str) -> Option<Seed> {
        let api: Api<Seed> = Api::all(self.client.get()?.clone());
        api.get_opt(name).await.ok().flatten()
    }
}

#[async_trait]
impl Admission for StackAdmission {
    async fn admit(&self, admitted: &mut AdmissionReview) -> Result<(), Status> {
        let operation = match admitted.verb {
            AdmissionVerb::Create => Operation::Create,
            AdmissionVerb::Update => Operation::Update,
            AdmissionVerb::Delete => return Ok(()),
        };
        if !admitted.group.ends_with(".gardener.cloud") {
            return Ok(());
        }
        let Some(object) = &admitted.object else {
            return Ok(());
        };
        let request = Request {
            operation,
            subresource: admitted.subresource.as_deref(),
            object,
            old: admitted.old_object.as_ref(),
        };
        let seed = match wants_seed(&request) {
            Some(name) => self.seed(name).await,
            None => None,
        };
        match review(&request, seed.as_ref(), &self.rules, global_id) {
            Ok(None) => Ok(()),
            Ok(Some(defaulted)) => {
                admitted.object = Some(defaulted);
                Ok(())
            }
            Err(refusal) => Err(status(admitted, refusal)),
        }
    }
}

/// Forty random bits (RFC 4193).
pub(in crate::stack) fn global_id() -> [u8; 5] {
    let bytes = uuid::Uuid::new_v4().into_bytes();
    std::array::from_fn(|index| bytes[index])
}

/// The sentence about a field, without its name.
pub(in crate::stack) fn without_field(error: &FieldError) -> String {
    let sentence = error.to_string();
    let stripped = sentence
        .strip_prefix(&error.field)
        .and_then(|rest| rest.strip_prefix(": "));
    stripped.unwrap_or(&sentence).to_owned()
}

fn status(admitted: &AdmissionReview, refusal: Refusal) -> Status {
    match refusal {
        Refusal::Malformed { message } => Status::bad_request(message),
        Refusal::Fields { code, errors } => {
            let causes: Vec<Cause> = errors
                .iter()
                .map(|error| Cause {
                    reason: error.type_.reason().to_owned(),
                    message: without_field(error),
                    field: error.field.clone(),
                })
                .collect();
            if code != 403 {
                return Status::invalid(&admitted.group, &admitted.kind, &admitted.name, causes);
            }
            let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let why = match sentences.as_slice() {
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            };
            let status =
                Status::forbidden(&admitted.group, &admitted.resource, &admitted.name, why);
            causes.into_iter().fold(status, |status, cause| {
                status.with_cause(cause.reason, cause.message, cause.field)
            })
        }
    }
}
