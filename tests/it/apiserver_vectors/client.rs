//! HTTPS requests as the users of the vectors.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use kube::config::Kubeconfig;
use reqwest::{Client, Method, RequestBuilder, Url};

use super::fact::plain;
use super::model::Request;
use super::scope::Scope;
use crate::https;

/// A client with the administrator's certificate, and one that has only tokens.
#[derive(Clone)]
pub(super) struct Clients {
    server: String,
    with_certificate: Client,
    with_token: Client,
}

impl Clients {
    pub(super) fn new(kubeconfig: &Kubeconfig) -> Self {
        Self {
            server: https::server(kubeconfig),
            with_certificate: https::administrator(kubeconfig),
            with_token: https::anonymous(kubeconfig),
        }
    }

    /// Prepares a request of a vector.
    pub(super) fn request(
        &self,
        request: &Request,
        scope: &Scope,
        timeout: Duration,
    ) -> Result<RequestBuilder, String> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| format!("{} is no method", request.method))?;
        let path = format!("{}{}", self.server, scope.fill(&request.path));
        let query = request
            .query
            .iter()
            .map(|(name, value)| (name, scope.fill(&plain(value))));
        let query: Vec<_> = query.collect();
        let url = if query.is_empty() {
            Url::parse(&path)
        } else {
            Url::parse_with_params(&path, query)
        };
        let url = url.map_err(|error| format!("{path} is no URL: {error}"))?;
        let user = request.user.as_deref().unwrap_or("admin");
        let mut builder = match user {
            "admin-cert" => self.with_certificate.request(method, url),
            user => self
                .with_token
                .request(method, url)
                .bearer_auth(format!("{user}-token")),
        };
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), "vectors/1.0".to_owned()),
        ];
        let body = body(request, scope)?;
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        for (name, value) in &request.headers {
            let name = name.to_lowercase();
            headers.retain(|(known, _)| *known != name);
            headers.push((name, scope.fill(value)));
        }
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = body {
            builder = builder.body(body);
        }
        Ok(builder.timeout(timeout))
    }

    /// Makes a namespace.
    pub(super) async fn create_namespace(&self, name: &str) -> Result<(), String> {
        let body = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
        });
        let response = self
            .with_certificate
            .post(format!("{}/api/v1/namespaces", self.server))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .map_err(|error| format!("namespace {name}: {error:?}"))?;
        if response.status() == 201 {
            Ok(())
        } else {
            Err(format!(
                "namespace {name} could not be made: {}",
                response.status()
            ))
        }
    }
}

fn body(request: &Request, scope: &Scope) -> Result<Option<Vec<u8>>, String> {
    match (&request.body, &request.raw, &request.raw_base64) {
        (Some(body), None, None) => Ok(Some(scope.fill_all(body).to_string().into_bytes())),
        (None, Some(raw), None) => Ok(Some(scope.fill(raw).into_bytes())),
        (None, None, Some(raw)) => BASE64
            .decode(raw)
            .map(Some)
            .map_err(|error| format!("raw_base64 is not base64: {error}")),
        (None, None, None) => Ok(None),
        _ => Err("more than one body".to_owned()),
    }
}
