//! Gives tokens to who may have them, signed with a certificate of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};

use super::server::serve;

/// `robot:geheim` in base 64.
const ROBOT: &str = "Basic cm9ib3Q6Z2VoZWlt";
pub(super) const SERVICE: &str = "registry.test";
pub(super) const ISSUER: &str = "issuer.test";

/// A server of tokens.
pub(super) struct TokenServer {
    pub(super) address: SocketAddr,
    /// The certificate that a registry has to trust.
    pub(super) certificate: String,
    given: Arc<AtomicUsize>,
}

impl TokenServer {
    /// Everybody may read, `robot` may write.
    pub(super) async fn start() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let certificate = CertificateParams::new(vec!["issuer.test".to_owned()])
            .expect("a name")
            .self_signed(&key)
            .expect("a certificate");
        let signer = Arc::new(Signer {
            pair: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &key.serialize_der(),
                &SystemRandom::new(),
            )
            .expect("a key"),
            chain: STANDARD.encode(certificate.der()),
        });
        let given = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&given);
        let address = serve(move |request| {
            let (signer, count) = (Arc::clone(&signer), Arc::clone(&count));
            async move {
                count.fetch_add(1, Ordering::Relaxed);
                let authorization = request.headers().get("authorization");
                let is_robot = authorization.is_some_and(|value| value == ROBOT);
                let is_wrong = authorization.is_some() && !is_robot;
                let (status, body) = if is_wrong {
                    (StatusCode::UNAUTHORIZED, json!({"details": "who are you?"}))
                } else {
                    let token = signer.token(request.uri().query().unwrap_or_default(), is_robot);
                    (StatusCode::OK, json!({"token": token, "expires_in": 300}))
                };
                let body = Full::from(body.to_string()).map_err(|never| match never {});
                Ok(Response::builder()
                    .status(status)
                    .body(body.boxed())
                    .expect("an answer"))
            }
        })
        .await;
        Self {
            address,
            certificate: certificate.pem(),
            given,
        }
    }

    /// Tokens that were asked for.
    pub(super) fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed)
    }
}

struct Signer {
    pair: EcdsaKeyPair,
    chain: String,
}

impl Signer {
    fn token(&self, query: &str, is_robot: bool) -> String {
        let url = reqwest::Url::parse(&format!("http://x/?{query}")).expect("a query");
        let scopes = url.query_pairs().filter(|(key, _)| key == "scope");
        let access: Vec<Value> = scopes
            .filter_map(|(_, scope)| {
                let mut parts = scope.splitn(3, ':').map(str::to_owned);
                let (kind, name, actions) = (parts.next()?, parts.next()?, parts.next()?);
                let actions: Vec<&str> = actions
                    .split(',')
                    .filter(|action| is_robot || *action == "pull")
                    .collect();
                Some(json!({"type": kind, "name": name, "actions": actions}))
            })
            .collect();
        let now = jiff::Timestamp::now().as_second();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [self.chain]});
        let claims = json!({
            "iss": ISSUER, "sub": "robot", "aud": SERVICE, "jti": "1",
            "iat": now - 10, "nbf": now - 10, "exp": now + 300, "access": access,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
