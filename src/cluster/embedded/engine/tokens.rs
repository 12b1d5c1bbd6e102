//! Service account tokens: shaped like signed tokens, known to this engine only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::request::Request;
use super::{Body, Content, Engine, Outcome, User};
use crate::cluster::embedded::status::{Cause, Status};

/// Life of a token when the client names none, and the shortest one it may name.
const USUAL_SECONDS: i64 = 3600;
const SHORTEST_SECONDS: i64 = 600;
const LONGEST_SECONDS: i64 = 1 << 32;
const AUDIENCE: &str = "https://kubernetes.default.svc";

/// The tokens issued so far; they do not outlive the process.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: Mutex<HashMap<String, (User, Timestamp)>>,
}

impl Tokens {
    pub(super) fn identify(&self, token: &str, now: Timestamp) -> Option<User> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let (user, expires) = issued.get(token)?;
        (*expires > now).then(|| user.clone())
    }

    fn issue(&self, user: User, now: Timestamp, expires: Timestamp, audiences: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "none", "typ": "JWT" });
        let claims = json!({
            "iss": AUDIENCE,
            "aud": audiences,
            "sub": user.name,
            "iat": now.as_second(),
            "exp": expires.as_second(),
        });
        // 256 random bits stand where a signature would: only this engine can tell a real one.
        let secret = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()];
        let secret: Vec<u8> = secret.iter().flat_map(|id| *id.as_bytes()).collect();
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let token = format!("{}.{}.{secret}", encode(&header), encode(&claims));
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, (_, expires)| *expires > now);
        issued.insert(token.clone(), (user, expires));
        token
    }
}

impl Engine {
    /// The `token` subresource of service accounts.
    pub(super) fn create_token(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(mut body)) = body else {
            return Err(Status::bad_request("the body must be a TokenRequest"));
        };
        let account = self.current(request)?;
        let seconds = body["spec"]["expirationSeconds"]
            .as_i64()
            .unwrap_or(USUAL_SECONDS);
        if !(SHORTEST_SECONDS..=LONGEST_SECONDS).contains(&seconds) {
            let why = if seconds < SHORTEST_SECONDS {
                "may not specify a duration less than 10 minutes"
            } else {
                "may not specify a duration larger than 2^32 seconds"
            };
            let cause = Cause::invalid("spec.expirationSeconds", &seconds.into(), why);
            let name = request.name();
            return Err(Status::invalid(
                "authentication.k8s.io",
                "TokenRequest",
                name,
                vec![cause],
            ));
        }
        let namespace = request.namespace();
        let user = User {
            name: format!("system:serviceaccount:{namespace}:{}", account.name()),
            groups: vec![
                "system:serviceaccounts".into(),
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated".into(),
            ],
        };
        let now = self.inner.options.clock.now();
        let expires = now
            .saturating_add(SignedDuration::from_secs(seconds))
            .map_err(|error| Status::bad_request(format!("spec.expirationSeconds: {error}")))?;
        let mut audiences = body["spec"]["audiences"].clone();
        if audiences.as_array().is_none_or(Vec::is_empty) {
            audiences = json!([AUDIENCE]);
        }
        let token = self.inner.tokens.issue(user, now, expires, &audiences);
        body["kind"] = "TokenRequest".into();
        body["apiVersion"] = "authentication.k8s.io/v1".into();
        body["metadata"] = json!({
            "name": account.name(),
            "namespace": namespace,
            "creationTimestamp": self.now(),
        });
        body["spec"]["expirationSeconds"] = seconds.into();
        body["spec"]["audiences"] = audiences;
        body["status"] = json!({
            "token": token,
            "expirationTimestamp": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
        Ok(Outcome {
            code: 201,
            content: Content::Other(body),
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }
}
