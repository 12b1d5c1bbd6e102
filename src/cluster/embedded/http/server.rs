//! The listener: TLS connections, authentication, and a shutdown that drains.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::api::Api;
use super::identity::{self, Identity, Tokens};
use super::impersonation;
use super::path;
use super::respond::{self, ResponseBody};
use crate::cluster::embedded::engine::User;
use crate::cluster::embedded::status::Status;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
const DRAIN_TIMEOUT: Duration = Duration::from_millis(800);
/// Requests worked on at once; others wait. A watch counts until it is open.
const MAX_AT_WORK: usize = 256;
const MAX_CONCURRENT_STREAMS: u32 = 1_000;
const MAX_HEADER_BYTES: u16 = 60_000;

/// What every connection shares.
#[derive(Clone)]
struct Shared {
    api: Api,
    tokens: Tokens,
    acceptor: TlsAcceptor,
    tracker: TaskTracker,
    at_work: Arc<Semaphore>,
    /// Stops accepting, and asks connections to finish what they have begun.
    drain: CancellationToken,
    /// Cuts what has not finished in time.
    cut: CancellationToken,
}

/// A listening server.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Shared,
}

impl Server {
    /// Takes a bound listener and serves it on the current runtime.
    pub(crate) fn start(
        listener: TcpListener,
        tls: Arc<ServerConfig>,
        api: Api,
        tokens: Tokens,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Shared {
            api,
            tokens,
            acceptor: TlsAcceptor::from(tls),
            tracker: TaskTracker::new(),
            at_work: Arc::new(Semaphore::new(MAX_AT_WORK)),
            drain: CancellationToken::new(),
            cut: CancellationToken::new(),
        };
        drop(shared.tracker.spawn(accept(listener, shared.clone())));
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Readiness fails first, then watches end, then connections finish or are cut.
    pub(crate) async fn shutdown(&self) {
        self.shared.api.set_stopping();
        self.shared.api.engine().stop().await;
        self.shared.drain.cancel();
        self.shared.tracker.close();
        if timeout(DRAIN_TIMEOUT, self.shared.tracker.wait())
            .await
            .is_err()
        {
            self.shared.cut.cancel();
            self.shared.tracker.wait().await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.api.set_stopping();
        self.shared.api.engine().stopping().cancel();
        self.shared.drain.cancel();
        self.shared.cut.cancel();
    }
}

async fn accept(listener: TcpListener, shared: Shared) {
    loop {
        let accepted = tokio::select! {
            () = shared.drain.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => drop(shared.tracker.spawn(serve(stream, shared.clone()))),
            Err(error) => {
                // Out of file descriptors, most likely; connections that end free some.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, shared: Shared) {
    // Small answers must not wait for more to send; without the option they merely come later.
    let _best_effort = stream.set_nodelay(true);
    let handshake = timeout(HANDSHAKE_TIMEOUT, shared.acceptor.accept(stream));
    let stream = tokio::select! {
        () = shared.drain.cancelled() => return,
        shaken = handshake => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                return;
            }
            Err(_) => return,
        },
    };
    let peer = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(|chain| chain.first())
        .and_then(identity::from_certificate);
    let builder = builder(&shared.tracker);
    let service = service_fn(|request| {
        let (shared, peer) = (shared.clone(), peer.clone());
        async move { Ok::<_, Infallible>(answer(request, &shared, peer).await) }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ended = connection.as_mut() => return,
        () = shared.drain.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ended = connection => {}
        () = shared.cut.cancelled() => {}
    }
}

fn builder(tracker: &TaskTracker) -> auto::Builder<Tracked> {
    let mut builder = auto::Builder::new(Tracked(tracker.clone()));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .max_buf_size(usize::from(MAX_HEADER_BYTES));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .max_header_list_size(u32::from(MAX_HEADER_BYTES));
    builder
}

/// Runs the streams of HTTP/2 connections as tasks that shutdown waits for.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(self.0.spawn(future));
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    peer: Option<Identity>,
) -> Response<ResponseBody> {
    let user = check_source(request.headers(), request.uri())
        .and_then(|()| authenticate(&request, shared, peer));
    match user {
        Ok(user) => {
            // The semaphore is never closed; without a permit the request is still answered.
            let _permit = shared.at_work.acquire().await;
            shared.api.handle(request, user).await
        }
        Err(status) => respond::refusal(&status),
    }
}

/// Refuses what a browser page could send to a loopback address: a foreign `Host` (DNS rebinding)
/// or any `Origin`.
fn check_source(headers: &HeaderMap, uri: &Uri) -> Result<(), Status> {
    if headers.contains_key(ORIGIN) {
        return Err(Status::forbidden(
            "",
            "",
            "",
            "requests of web pages are not served",
        ));
    }
    let host = match uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => headers
            .get(HOST)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok()),
    };
    let allowed = [
        "localhost",
        "[::1]",
        "127.0.0.1",
        "kubernetes",
        "kubernetes.default.svc",
    ];
    match host {
        Some(authority) if allowed.contains(&authority.host()) => Ok(()),
        _ => Err(Status::forbidden(
            "",
            "",
            "",
            "the Host header names another server",
        )),
    }
}

fn authenticate(
    request: &Request<Incoming>,
    shared: &Shared,
    peer: Option<Identity>,
) -> Result<User, Status> {
    let bearer = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let identity = match (peer, bearer) {
        (Some(peer), _) => peer,
        (None, Some(token)) => {
            let issued = || {
                let user = shared.api.engine().identify(token)?;
                Some(identity::authenticated(user.name, user.groups))
            };
            shared
                .tokens
                .find(token)
                .or_else(issued)
                .ok_or_else(Status::unauthorized)?
        }
        (None, None) if is_public(request) => Identity {
            name: identity::ANONYMOUS.to_owned(),
            groups: vec![identity::UNAUTHENTICATED.to_owned()],
        },
        (None, None) => return Err(Status::unauthorized()),
    };
    let identity = impersonation::apply(request.headers(), identity)?;
    Ok(User {
        name: identity.name,
        groups: identity.groups,
    })
}

fn is_public(request: &Request<Incoming>) -> bool {
    path::parse(request.uri().path()).is_some_and(|route| route.is_public())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_names_of_the_server_are_accepted_as_host() {
        let check = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            check_source(&headers, &Uri::from_static("/api")).is_ok()
        };
        for good in [
            "localhost:1234",
            "[::1]:1234",
            "localhost",
            "kubernetes.default.svc",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in ["example.org", "localhost.example.org:80", "[::2]:1", ""] {
            assert!(!check(bad), "{bad}");
        }
    }

    #[test]
    fn web_pages_and_requests_without_a_host_are_refused() {
        let mut headers = HeaderMap::new();
        assert!(check_source(&headers, &Uri::from_static("/api")).is_err());
        assert!(check_source(&headers, &Uri::from_static("https://localhost/api")).is_ok());
        headers.insert(ORIGIN, HeaderValue::from_static("null"));
        assert!(check_source(&headers, &Uri::from_static("https://localhost/api")).is_err());
    }
}
