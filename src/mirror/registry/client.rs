//! A client of one registry: the gate through which every request goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, LOCATION, WARNING},
};
use jiff::Timestamp;
use reqwest::{RequestBuilder, Response, Url};
use tokio::{
    sync::Mutex as AsyncMutex,
    time::{sleep, timeout},
};

use super::{
    Endpoint, HttpClients, Patience, PullBudget, call::Call, endpoint::forbids, limits::HostLimits,
    patience,
};
use crate::mirror::{
    MirrorError,
    auth::{Authenticator, CredentialStore, Scope},
};

/// How often a redirect is followed: registry, its storage, the storage's region.
const REDIRECTS: usize = 5;
/// How often a token is renewed for one attempt: once because it ended, once for a wider scope.
const REFUSALS: usize = 3;

/// What the clients of one run share: connections and credentials.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Connections and patience.
    pub http: Arc<HttpClients>,
    /// The credentials of the user.
    pub credentials: Arc<CredentialStore>,
    /// Streams of large blobs per registry at a time; 0 for the default.
    pub streams: usize,
}

/// A client of one registry. Cheap to clone; clones share limits, tokens and connections.
#[derive(Debug, Clone)]
pub struct RegistryClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    http: Arc<HttpClients>,
    auth: Authenticator,
    limits: HostLimits,
    budget: Mutex<Option<PullBudget>>,
    warnings: Mutex<BTreeSet<String>>,
    /// Uploads that were begun and neither ended nor given up, with their repositories.
    uploads: Mutex<BTreeMap<Url, String>>,
    /// Until the first answer nobody knows how to authenticate, so one request goes ahead.
    known: AtomicBool,
    first: AsyncMutex<()>,
}

impl RegistryClient {
    /// A client without credentials, for registries of our own.
    ///
    /// # Errors
    ///
    /// None today; clients are made when they are first needed.
    pub fn new(endpoint: &Endpoint) -> Result<Self, MirrorError> {
        Ok(Self::in_session(endpoint, &Session::default()))
    }

    /// A client that shares connections and credentials with others.
    pub fn in_session(endpoint: &Endpoint, session: &Session) -> Self {
        let streams = match session.streams {
            0 => super::limits::STREAMS,
            streams => streams,
        };
        Self {
            shared: Arc::new(Shared {
                endpoint: endpoint.clone(),
                http: Arc::clone(&session.http),
                auth: Authenticator::new(
                    endpoint.name(),
                    endpoint.base(),
                    Arc::clone(&session.http),
                    Arc::clone(&session.credentials),
                ),
                limits: HostLimits::new(streams),
                budget: Mutex::default(),
                warnings: Mutex::default(),
                uploads: Mutex::default(),
                known: AtomicBool::new(false),
                first: AsyncMutex::default(),
            }),
        }
    }

    /// How references call the registry.
    pub fn name(&self) -> &str {
        self.shared.endpoint.name()
    }

    /// What is left of the pulls that the registry counts, if it does.
    pub fn budget(&self) -> Option<PullBudget> {
        *self
            .shared
            .budget
            .lock()
            .expect("no panic happens under this lock")
    }

    /// What the registry warned of, each once.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self
            .shared
            .warnings
            .lock()
            .expect("no panic happens under this lock");
        warnings.iter().cloned().collect()
    }

    /// Whether the registry answers at all.
    pub async fn ping(&self) -> Result<(), MirrorError> {
        let call = Call::new(Method::GET, self.url("/v2/"), Scope::none(), "reach /v2/");
        self.send(&call).await.map(drop)
    }

    /// Gives up uploads that were begun, so that the registry need not keep them. Answers are not waited for long.
    pub async fn abandon_uploads(&self) {
        let begun = {
            let mut uploads = self
                .shared
                .uploads
                .lock()
                .expect("no panic happens under this lock");
            std::mem::take(&mut *uploads)
        };
        let cancels = begun
            .iter()
            .map(|(url, repository)| self.cancel(url.clone(), repository));
        futures_util::future::join_all(cancels).await;
    }

    /// Gives up one upload; whatever the registry answers, it ends it some day by itself.
    pub(super) async fn cancel(&self, url: Url, repository: &str) {
        const PATIENCE: Duration = Duration::from_secs(2);
        self.upload_ended(&url);
        let call = Call::new(
            Method::DELETE,
            url,
            Scope::push(repository),
            "give up an upload",
        );
        drop(timeout(PATIENCE, self.attempt(&call)).await);
    }

    pub(super) fn upload_began(&self, url: &Url, repository: &str) {
        let mut uploads = self
            .shared
            .uploads
            .lock()
            .expect("no panic happens under this lock");
        uploads.insert(url.clone(), repository.to_owned());
    }

    pub(super) fn upload_ended(&self, url: &Url) {
        let mut uploads = self
            .shared
            .uploads
            .lock()
            .expect("no panic happens under this lock");
        uploads.remove(url);
    }

    pub(super) fn limits(&self) -> &HostLimits {
        &self.shared.limits
    }

    pub(super) fn patience(&self) -> &Patience {
        self.shared.http.patience()
    }

    pub(super) fn base(&self) -> &Url {
        self.shared.endpoint.base()
    }

    pub(super) fn url(&self, path: &str) -> Url {
        self.base()
            .join(path)
            .expect("invariant: checked names make a URL path")
    }

    /// Sends a request until it succeeds, is refused for good, or patience ends.
    pub(super) async fn send(&self, call: &Call) -> Result<Response, MirrorError> {
        let mut attempt = 1;
        loop {
            let (error, pause) = match self.attempt(call).await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => {
                    let pause = self.pause(attempt, &response);
                    (self.refused(&call.action, response).await, pause)
                }
                Err(error) => {
                    let pause = Self::may_pass(&error)
                        .then(|| self.patience().pause(attempt, None, Timestamp::now()))
                        .flatten();
                    (error, pause)
                }
            };
            let Some(pause) = pause else {
                return Err(error);
            };
            tracing::debug!(registry = self.name(), %error, ?pause, "trying again");
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Whether a failure to get an answer may not happen the next time.
    pub(super) fn may_pass(error: &MirrorError) -> bool {
        matches!(
            error,
            MirrorError::Transport { .. }
                | MirrorError::Stalled { .. }
                | MirrorError::Truncated { .. }
        )
    }

    /// The pause after an answer that may be another one next time. Too many requests hold back all others too.
    pub(super) fn pause(&self, attempt: u32, response: &Response) -> Option<Duration> {
        let status = response.status();
        // The signature of a storage's address ended; the registry gives another one.
        let is_stale = status == StatusCode::FORBIDDEN && !same_origin(response.url(), self.base());
        if !patience::is_transient(status) && !is_stale {
            return None;
        }
        let headers = Some(response.headers());
        let pause = self.patience().pause(attempt, headers, Timestamp::now());
        if let (StatusCode::TOO_MANY_REQUESTS, Some(pause)) = (status, pause) {
            self.shared.limits.hold_back(pause);
        }
        pause
    }

    /// Sends a request once: with what the registry wants to see, and to where it sends us. Any status is an
    /// answer but 401, which is an error once nothing else can be tried.
    pub(super) async fn attempt(&self, call: &Call) -> Result<Response, MirrorError> {
        // A stream has its place already.
        let permit = if call.is_stream {
            self.shared.limits.held_back().await;
            None
        } else {
            Some(self.shared.limits.request().await)
        };
        let answer = self.attempt_inner(call).await;
        drop(permit);
        answer
    }

    async fn attempt_inner(&self, call: &Call) -> Result<Response, MirrorError> {
        // The first answer tells how to authenticate; without it everybody would be refused once.
        let is_known = || self.shared.known.load(Ordering::Acquire);
        let ahead = if is_known() {
            None
        } else {
            Some(self.shared.first.lock().await)
        };
        let ahead = ahead.filter(|_| !is_known());
        let response = self.authorized(call).await;
        if response.is_ok() {
            self.shared.known.store(true, Ordering::Release);
        }
        drop(ahead);
        let response = response?;
        self.learn(response.headers());
        Ok(response)
    }

    async fn authorized(&self, call: &Call) -> Result<Response, MirrorError> {
        for _ in 0..REFUSALS {
            let header = self.authorization(call, &call.url).await?;
            let response = self.follow(call, header.as_ref()).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            self.challenged(&call.action, &call.scope, &response, header.as_ref())
                .await?;
        }
        Err(self.unauthorized(&call.action, "it refuses the token that it asked for"))
    }

    /// What goes along with a request to `url`, which may be another host than the registry.
    pub(super) async fn authorization(
        &self,
        call: &Call,
        url: &Url,
    ) -> Result<Option<HeaderValue>, MirrorError> {
        if !same_origin(url, self.base()) {
            return Ok(None);
        }
        self.shared
            .auth
            .header(&call.scope)
            .await
            .map_err(|reason| self.unauthorized(&call.action, &reason))
    }

    /// Learns from a 401 what to try next.
    pub(super) async fn challenged(
        &self,
        action: &str,
        scope: &Scope,
        response: &Response,
        sent: Option<&HeaderValue>,
    ) -> Result<(), MirrorError> {
        self.shared
            .auth
            .refused(scope, response.headers(), sent)
            .await
            .map_err(|reason| self.unauthorized(action, &reason))
    }

    /// Follows redirects. Credentials stay with the registry that asked for them.
    async fn follow(
        &self,
        call: &Call,
        header: Option<&HeaderValue>,
    ) -> Result<Response, MirrorError> {
        let mut url = call.url.clone();
        for _ in 0..REDIRECTS {
            let mut request = self
                .request(&call.action, call.method.clone(), &url)?
                .headers(call.headers.clone());
            if let Some(header) = header.filter(|_| same_origin(&url, self.base())) {
                request = request.header(AUTHORIZATION, header.clone());
            }
            if let Some(body) = &call.body {
                request = request.body(body.clone());
            }
            let response = self.answer(&call.action, request).await?;
            let status = response.status();
            let leads_on = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
            if !leads_on || !matches!(call.method, Method::GET | Method::HEAD) {
                return Ok(response);
            }
            url = self.location(&call.action, &url, response.headers())?;
        }
        Err(self.protocol(&call.action, "it sends us from place to place"))
    }

    pub(super) fn request(
        &self,
        action: &str,
        method: Method,
        url: &Url,
    ) -> Result<RequestBuilder, MirrorError> {
        let client = self
            .shared
            .http
            .of(url)
            .map_err(|source| self.transport(action, source))?;
        Ok(client.request(method, url.clone()))
    }

    async fn answer(&self, action: &str, request: RequestBuilder) -> Result<Response, MirrorError> {
        let patience = self.patience().answer;
        match timeout(patience, request.send()).await {
            Ok(answer) => answer.map_err(|source| self.transport(action, source)),
            Err(_) => Err(self.stalled(action, patience)),
        }
    }

    /// Where a registry sends us: absolute or relative, with or without a query.
    pub(super) fn location(
        &self,
        action: &str,
        from: &Url,
        headers: &HeaderMap,
    ) -> Result<Url, MirrorError> {
        let text = header(headers, LOCATION.as_str())
            .ok_or_else(|| self.protocol(action, "the answer has no Location"))?;
        let target = from
            .join(text)
            .map_err(|_| self.protocol(action, "the Location is no URL"))?;
        match forbids(from, &target) {
            Some(reason) => {
                Err(self.protocol(action, &format!("the Location is not followed: {reason}")))
            }
            None => Ok(target),
        }
    }

    fn learn(&self, headers: &HeaderMap) {
        if let Some(budget) = PullBudget::of(headers) {
            *self
                .shared
                .budget
                .lock()
                .expect("no panic happens under this lock") = Some(budget);
        }
        for warning in headers.get_all(WARNING) {
            let text = warning.to_str().ok().and_then(|text| text.split_once('"'));
            if let Some((_, text)) = text {
                let mut warnings = self
                    .shared
                    .warnings
                    .lock()
                    .expect("no panic happens under this lock");
                warnings.insert(text.trim_end_matches('"').to_owned());
            }
        }
    }

    pub(super) fn transport(&self, action: &str, source: reqwest::Error) -> MirrorError {
        MirrorError::Transport {
            action: action.to_owned(),
            registry: self.name().to_owned(),
            source: Box::new(source.without_url()),
        }
    }

    pub(super) fn stalled(&self, action: &str, after: Duration) -> MirrorError {
        MirrorError::Stalled {
            action: action.to_owned(),
            registry: self.name().to_owned(),
            after,
        }
    }

    pub(super) async fn refused(&self, action: &str, response: Response) -> MirrorError {
        const PATIENCE: Duration = Duration::from_secs(5);
        let status = response.status();
        let body = timeout(PATIENCE, response.text()).await;
        let body = body.ok().and_then(Result::ok).unwrap_or_default();
        MirrorError::Refused {
            action: action.to_owned(),
            registry: self.name().to_owned(),
            status,
            body: body.trim().chars().take(500).collect(),
        }
    }

    pub(super) fn protocol(&self, action: &str, reason: &str) -> MirrorError {
        MirrorError::Protocol {
            action: action.to_owned(),
            registry: self.name().to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn unauthorized(&self, action: &str, reason: &str) -> MirrorError {
        MirrorError::Unauthorized {
            action: action.to_owned(),
            registry: self.name().to_owned(),
            reason: reason.to_owned(),
        }
    }
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
