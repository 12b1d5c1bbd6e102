//! The server of the webhook.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use kube::runtime::reflector::ObjectRef;

use super::{
    registration::{MUTATE, VALIDATE},
    review::{AdmissionRequest, Purpose},
};
use crate::{
    api::core::Seed,
    stack::{
        admission,
        context::Context,
        feeds::filled,
        serving::{Answer, answer, text},
    },
};

/// The most that an API server sends: two objects of the largest size.
const LARGEST_BODY: usize = 7 * 1024 * 1024;

/// Answers calls of the API server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) context: Arc<Context>,
}

impl Webhook {
    /// Answers one call.
    pub(crate) async fn call(self, request: Request<Incoming>) -> Answer {
        let purpose = match (request.method(), request.uri().path()) {
            (&Method::POST, MUTATE) => Purpose::Mutate,
            (&Method::POST, VALIDATE) => Purpose::Validate,
            _ => return text(404, "not found"),
        };
        let Ok(body) = Limited::new(request.into_body(), LARGEST_BODY)
            .collect()
            .await
        else {
            return text(400, "the body cannot be read");
        };
        let Ok(review) = AdmissionRequest::read(&body.to_bytes()) else {
            return text(400, "the body is no AdmissionReview");
        };
        let seed = review
            .as_request()
            .and_then(|request| admission::wants_seed(&request).map(ObjectRef::<Seed>::new));
        let seed = match seed {
            None => None,
            Some(name) => {
                let seeds = &self.context.stores.seeds;
                filled(seeds).await;
                seeds.get(&name)
            }
        };
        let rules = self.context.options.rules();
        let value = review.answer(purpose, seed.as_deref(), &rules, admission::global_id);
        let body = serde_json::to_vec(&value).expect("a JSON value has a JSON form");
        answer(200, "application/json", Bytes::from(body))
    }
}
