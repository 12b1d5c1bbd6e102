//! The legs of a registry, one after another.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, LOCATION, RANGE},
};
use serde::Deserialize;

use super::{
    FamilyReport, Leg, LegReport, Names, Outcome, RegistryReport,
    probe::Prober,
    token_service,
    translation::{Translators, WELL_KNOWN_NAME},
};
use crate::{
    mirror::{DEFAULT_REGISTRY, ImageRef, naming},
    net::IpFamily,
};

/// Registries that are asked at once.
const AT_ONCE: usize = 8;
/// The most that is read of a token or a manifest.
const MOST: usize = 8 * 1024 * 1024;
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// How registries are tested.
#[derive(Debug, Clone, Copy)]
pub struct ReachSettings {
    /// How long a host may take.
    pub patience: Duration,
    /// Whether content is asked for where that counts as a pull.
    pub counted_pulls: bool,
}

/// Tests registries.
#[derive(Debug, Clone, Copy)]
pub struct Reach<N> {
    /// Who knows addresses.
    pub names: N,
    /// How.
    pub settings: ReachSettings,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Part>,
    config: Option<Part>,
    #[serde(default)]
    layers: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    digest: String,
    #[serde(default)]
    size: u64,
}

impl<N: Names> Reach<N> {
    /// Tests registries over both families; each is tested with an image that is wanted of it.
    pub async fn test(&self, registries: Vec<(String, Option<ImageRef>)>) -> Vec<RegistryReport> {
        // The program chooses a TLS provider in `main`; who uses the library may not have.
        drop(rustls::crypto::ring::default_provider().install_default());
        let answers = tokio::time::timeout(
            self.settings.patience,
            self.names.addresses(WELL_KNOWN_NAME),
        );
        let answers = answers.await.ok().and_then(Result::ok).unwrap_or_default();
        let translators = Translators::from_answers(&answers);
        let translators = &translators;
        stream::iter(registries)
            .map(|(registry, image)| async move {
                let family = |family| self.family(family, translators, &registry, image.as_ref());
                let (v6, v4) = tokio::join!(family(IpFamily::V6), family(IpFamily::V4));
                RegistryReport {
                    families: vec![v6, v4],
                    registry: registry.clone(),
                }
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn family(
        &self,
        family: IpFamily,
        translators: &Translators,
        registry: &str,
        image: Option<&ImageRef>,
    ) -> FamilyReport {
        let prober = Prober {
            names: &self.names,
            family,
            translators,
            patience: self.settings.patience,
        };
        let mut visit = Visit {
            prober,
            registry,
            image,
            may_pull: self.settings.counted_pulls || registry != DEFAULT_REGISTRY,
            legs: Vec::new(),
        };
        visit.run().await;
        FamilyReport {
            family,
            legs: visit.legs,
        }
    }
}

/// A registry over one family.
struct Visit<'a> {
    prober: Prober<'a>,
    registry: &'a str,
    image: Option<&'a ImageRef>,
    may_pull: bool,
    legs: Vec<LegReport>,
}

/// What the front asks for.
enum Access {
    Open,
    Token(String),
}

impl Visit<'_> {
    async fn run(&mut self) {
        let access = self.access().await;
        let (Some(access), Some(base)) = (access, self.base()) else {
            for leg in [Leg::Front, Leg::Token, Leg::Blob] {
                if !self.legs.iter().any(|report| report.leg == leg) {
                    self.push(leg, None, not_tested("what comes before does not work"));
                }
            }
            return;
        };
        self.content(&base, &access).await;
    }

    fn base(&self) -> Option<Url> {
        let host = naming::host_of(self.registry);
        format!("{}://{}/v2/", host.scheme, host.host).parse().ok()
    }

    fn push(&mut self, leg: Leg, host: Option<&Url>, outcome: Outcome) {
        self.legs.push(LegReport {
            leg,
            host: host.and_then(host_text),
            outcome,
        });
    }

    /// Front and token. Nothing, if content cannot be asked for.
    async fn access(&mut self) -> Option<Access> {
        let Some(url) = self.base() else {
            self.push(
                Leg::Front,
                None,
                wrong("the registry has no address".to_owned()),
            );
            return None;
        };
        let get = |client: &reqwest::Client| client.get(url.clone()).build();
        let (reached, response) = match self.prober.send(&url, get).await {
            Ok(answer) => answer,
            Err(outcome) => {
                self.push(Leg::Front, Some(&url), outcome);
                return None;
            }
        };
        match response.status() {
            StatusCode::OK => {
                self.push(Leg::Front, Some(&url), reached);
                self.push(Leg::Token, None, Outcome::NotNeeded);
                Some(Access::Open)
            }
            StatusCode::UNAUTHORIZED => {
                self.push(Leg::Front, Some(&url), reached);
                let repository = self.image.map(ImageRef::repository);
                let Some(realm) = token_service::token_url(response.headers(), repository) else {
                    self.push(
                        Leg::Token,
                        None,
                        not_tested("it wants a user and a password"),
                    );
                    return None;
                };
                self.token(&realm).await
            }
            status => {
                let reason = format!("is no registry: GET /v2/ is answered with {status}");
                self.push(Leg::Front, Some(&url), wrong(reason));
                None
            }
        }
    }

    async fn token(&mut self, realm: &Url) -> Option<Access> {
        let get = |client: &reqwest::Client| client.get(realm.clone()).build();
        let (reached, response) = match self.prober.send(realm, get).await {
            Ok(answer) => answer,
            Err(outcome) => {
                self.push(Leg::Token, Some(realm), outcome);
                return None;
            }
        };
        if response.status().is_server_error() {
            let reason = format!("gives no tokens: {}", response.status());
            self.push(Leg::Token, Some(realm), wrong(reason));
            return None;
        }
        self.push(Leg::Token, Some(realm), reached);
        let token = match body(response, self.prober.patience).await {
            Some(bytes) => serde_json::from_slice::<Token>(&bytes).ok(),
            None => None,
        };
        let token = token.and_then(|token| token.token.or(token.access_token));
        if token.is_none() {
            self.push(
                Leg::Blob,
                None,
                not_tested("there is no token without a user"),
            );
        }
        token.map(Access::Token)
    }

    /// The first byte of the smallest part of the image, from wherever it comes.
    async fn content(&mut self, base: &Url, access: &Access) {
        let Some(image) = self.image else {
            self.push(Leg::Blob, None, not_tested("no image of it is known"));
            return;
        };
        if !self.may_pull {
            self.push(
                Leg::Blob,
                None,
                not_tested("a manifest counts as a pull here, `--counted-pulls` allows it"),
            );
            return;
        }
        match self.redirect(base, access, image).await {
            Ok((url, outcome)) => self.push(Leg::Blob, Some(&url), outcome),
            Err(reason) => self.push(Leg::Blob, None, not_tested(&reason)),
        }
    }

    async fn redirect(
        &self,
        base: &Url,
        access: &Access,
        image: &ImageRef,
    ) -> Result<(Url, Outcome), String> {
        let digest = self.smallest_part(base, access, image).await?;
        let path = format!("{}/blobs/{digest}", image.repository());
        let url = base.join(&path).map_err(|error| error.to_string())?;
        let first_byte = |access: &Access, url: &Url, client: &reqwest::Client| {
            let request = client.get(url.clone()).header(RANGE, "bytes=0-0");
            authorized(request, access).build()
        };
        let answer = self
            .prober
            .send(&url, |client| first_byte(access, &url, client))
            .await;
        let (reached, response) = match answer {
            Ok(answer) => answer,
            Err(outcome) => return Ok((url, outcome)),
        };
        if response.status().is_success() {
            return Ok((url, reached));
        }
        let location = response.headers().get(LOCATION);
        let target = location
            .filter(|_| response.status().is_redirection())
            .and_then(|location| url.join(location.to_str().ok()?).ok());
        let Some(target) = target else {
            return Err(format!("content is answered with {}", response.status()));
        };
        // The storage host gets no token of the registry.
        let answer = self
            .prober
            .send(&target, |client| first_byte(&Access::Open, &target, client))
            .await;
        let outcome = match answer {
            Ok((reached, response)) if response.status().is_success() => reached,
            Ok((_, response)) => wrong(format!("content is answered with {}", response.status())),
            Err(outcome) => outcome,
        };
        Ok((target, outcome))
    }

    /// The digest of the smallest part of the image, through its index if it has one.
    async fn smallest_part(
        &self,
        base: &Url,
        access: &Access,
        image: &ImageRef,
    ) -> Result<String, String> {
        let digest = image.digest().map(ToString::to_string);
        let mut name = digest
            .or_else(|| image.tag().map(str::to_owned))
            .unwrap_or_default();
        // An index has images; what nests deeper is no usual image.
        for _ in 0..2 {
            let path = format!("{}/manifests/{name}", image.repository());
            let url = base.join(&path).map_err(|error| error.to_string())?;
            let get = |client: &reqwest::Client| {
                let request = client
                    .request(Method::GET, url.clone())
                    .header(ACCEPT, MANIFESTS);
                authorized(request, access).build()
            };
            let (_, response) = self
                .prober
                .send(&url, get)
                .await
                .map_err(|outcome| outcome.to_string())?;
            if !response.status().is_success() {
                return Err(format!(
                    "the manifest of {image} is answered with {}",
                    response.status()
                ));
            }
            let bytes = body(response, self.prober.patience).await;
            let manifest: Option<Manifest> =
                bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let manifest =
                manifest.ok_or_else(|| format!("the manifest of {image} cannot be read"))?;
            if let Some(child) = manifest.manifests.first() {
                name.clone_from(&child.digest);
                continue;
            }
            let parts = manifest.config.into_iter().chain(manifest.layers);
            let smallest = parts.min_by_key(|part| part.size).map(|part| part.digest);
            return smallest.ok_or_else(|| format!("{image} has no content"));
        }
        Err(format!("{image} is an index of indexes"))
    }
}

fn authorized(request: reqwest::RequestBuilder, access: &Access) -> reqwest::RequestBuilder {
    match access {
        Access::Open => request,
        Access::Token(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
    }
}

fn not_tested(reason: &str) -> Outcome {
    Outcome::NotTested {
        reason: reason.to_owned(),
    }
}

fn wrong(reason: String) -> Outcome {
    Outcome::Wrong { reason }
}

/// Host and port of a URL.
fn host_text(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The body, if it comes in time and is not too long.
async fn body(response: reqwest::Response, patience: Duration) -> Option<Vec<u8>> {
    let read = async {
        let mut bytes = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.ok()?);
            if bytes.len() > MOST {
                return None;
            }
        }
        Some(bytes)
    };
    tokio::time::timeout(patience, read).await.ok()?
}

#[cfg(test)]
mod tests;
