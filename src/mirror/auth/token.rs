//! Access tokens (distribution specification, "Token Authentication", and its form for `OAuth2`).

use std::time::Duration;

use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use reqwest::{RequestBuilder, Response, Url};
use serde::Deserialize;
use tokio::time::{Instant, timeout};

use super::{Credential, Scope, credential::bearer};
use crate::mirror::registry::HttpClients;

/// How long a token lives that does not say so.
const DEFAULT_LIFE: u64 = 60;
/// A token is renewed before it ends, by the time that a request may take to get there.
const MARGIN: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// A token, and until when it is used.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) header: HeaderValue,
    until: Instant,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl Token {
    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.until
    }

    /// Asks for a token: with an identity token by form, else by query, with user and password or as nobody.
    ///
    /// # Errors
    ///
    /// The reason, in words.
    pub(super) async fn fetch(
        http: &HttpClients,
        realm: &Url,
        service: Option<&str>,
        scope: &Scope,
        credential: Option<&Credential>,
    ) -> Result<Self, String> {
        let client = http.of(realm).map_err(|error| error.to_string())?;
        let mut url = realm.clone();
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        for scope in scope.scopes() {
            url.query_pairs_mut().append_pair("scope", scope);
        }
        let response = match credential {
            Some(Credential::Identity { token }) => {
                let form = form(service, scope, token);
                let posted = send(|| {
                    let kind = "application/x-www-form-urlencoded";
                    let request = client.post(realm.clone()).header("content-type", kind);
                    request.body(form.clone())
                })
                .await?;
                // An old server knows no form.
                if matches!(
                    posted.status(),
                    StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
                ) {
                    send(|| client.get(url.clone())).await?
                } else {
                    posted
                }
            }
            other => {
                let header = other.and_then(Credential::header);
                send(|| {
                    let request = client.get(url.clone());
                    match &header {
                        Some(header) => request.header(AUTHORIZATION, header.clone()),
                        None => request,
                    }
                })
                .await?
            }
        };
        let status = response.status();
        if !status.is_success() {
            let body = response.text().await.unwrap_or_default();
            let body: String = body.trim().chars().take(200).collect();
            return Err(format!("{} answered {status} {body}", realm.authority()));
        }
        let answer: Answer = response
            .json()
            .await
            .map_err(|_| format!("{} answered something else than a token", realm.authority()))?;
        let token = answer
            .token
            .filter(|token| !token.is_empty())
            .or(answer.access_token)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| format!("{} gave an empty token", realm.authority()))?;
        let header = bearer(&token)
            .ok_or_else(|| format!("{} gave a token that is no header", realm.authority()))?;
        let life = Duration::from_secs(answer.expires_in.unwrap_or(DEFAULT_LIFE));
        Ok(Self {
            header,
            until: Instant::now() + life.saturating_sub(MARGIN.min(life / 4)),
        })
    }
}

fn form(service: Option<&str>, scope: &Scope, token: &str) -> String {
    let mut url = Url::parse("form:").expect("the text is a URL");
    url.query_pairs_mut()
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", "garden6")
        .append_pair("service", service.unwrap_or_default())
        .append_pair("scope", &scope.scopes().join(" "))
        .append_pair("refresh_token", token);
    url.query().unwrap_or_default().to_owned()
}

async fn send(request: impl Fn() -> RequestBuilder) -> Result<Response, String> {
    let mut attempt = 1;
    loop {
        let reason = match timeout(TIMEOUT, request().send()).await {
            Ok(Ok(response)) if !response.status().is_server_error() => return Ok(response),
            Ok(Ok(response)) => format!("answered {}", response.status()),
            Ok(Err(error)) => chain(&error),
            Err(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        };
        if attempt == ATTEMPTS {
            return Err(reason);
        }
        tokio::time::sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}

fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
