//! A proxy in front of a real registry that does one thing wrong, as often as it is told to.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};

use super::server::{Body, serve};

/// What goes wrong.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// This status instead of an answer, with these headers.
    Status(StatusCode, Vec<(&'static str, String)>),
    /// The connection ends after so many bytes of the answer's body.
    CutAnswer(usize),
    /// The connection ends after so many bytes of the request's body.
    CutRequest(usize),
    /// The answer's body is shorter than it should be, and says so.
    Truncate(usize),
    /// One bit of the answer's body is another.
    Damage(usize),
    /// The answer's body comes byte by byte, each after this time.
    Drip(Duration),
    /// Nothing is answered for so long.
    Silence(Duration),
    /// The upload is ended behind the client's back.
    LoseSession,
}

/// A fault, where it happens, and how often.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) method: Method,
    /// What the path contains.
    pub(super) path: &'static str,
    pub(super) fault: Fault,
    pub(super) times: usize,
}

#[derive(Default)]
struct State {
    troubles: Vec<Trouble>,
    seen: Vec<String>,
    /// Bytes of the bodies of stored blobs that reached the registry.
    stored: u64,
}

/// A proxy in front of a registry.
pub(super) struct FaultProxy {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl FaultProxy {
    pub(super) async fn in_front_of(registry: SocketAddr, troubles: Vec<Trouble>) -> Self {
        let state = Arc::new(Mutex::new(State {
            troubles,
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let address = serve(move |request| {
            let (http, shared) = (http.clone(), Arc::clone(&shared));
            async move { pass(&http, registry, &shared, request).await }
        })
        .await;
        Self { address, state }
    }

    pub(super) fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Requests whose method and path contain these.
    pub(super) fn count(&self, method: &Method, path: &str) -> usize {
        let state = self.state.lock().expect("no panic under this lock");
        let of = |seen: &&String| seen.starts_with(method.as_str()) && seen.contains(path);
        state.seen.iter().filter(of).count()
    }

    /// Bytes of blobs that reached the registry.
    pub(super) fn stored(&self) -> u64 {
        self.state.lock().expect("no panic under this lock").stored
    }

    /// Troubles that never happened: a test of them would prove nothing.
    pub(super) fn unused(&self) -> Vec<Trouble> {
        let state = self.state.lock().expect("no panic under this lock");
        state.troubles.clone()
    }
}

fn fault_for(state: &Mutex<State>, method: &Method, path: &str) -> Option<Fault> {
    let mut state = state.lock().expect("no panic under this lock");
    state.seen.push(format!("{method} {path}"));
    let at = state
        .troubles
        .iter()
        .position(|trouble| trouble.method == *method && path.contains(trouble.path))?;
    let trouble = &mut state.troubles[at];
    trouble.times -= 1;
    let fault = trouble.fault.clone();
    if trouble.times == 0 {
        state.troubles.remove(at);
    }
    Some(fault)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "cut on purpose")
}

fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed()
}

async fn pass(
    http: &reqwest::Client,
    registry: SocketAddr,
    state: &Mutex<State>,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (parts, mut body) = request.into_parts();
    let path = parts
        .uri
        .path_and_query()
        .map_or("", |path| path.as_str())
        .to_owned();
    let fault = fault_for(state, &parts.method, &path);
    match &fault {
        Some(Fault::Status(status, headers)) => {
            // The body is read, as most servers do before they answer.
            while let Some(Ok(_)) = body.frame().await {}
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, value);
            }
            return Ok(response.body(whole("trouble")).expect("an answer"));
        }
        Some(Fault::Silence(time)) => tokio::time::sleep(*time).await,
        _ => {}
    }
    let mut received = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken())?;
        if let Ok(data) = frame.into_data() {
            received.extend_from_slice(&data);
        }
        if matches!(fault, Some(Fault::CutRequest(after)) if received.len() >= after) {
            return Err(broken());
        }
    }
    if matches!(fault, Some(Fault::LoseSession)) {
        let gone = http.delete(format!("http://{registry}{path}"));
        drop(gone.header("host", &parts.headers["host"]).send().await);
    }
    let is_blob = matches!(parts.method, Method::PUT | Method::PATCH) && path.contains("/blobs/");
    let length = received.len() as u64;
    let answer = http
        .request(parts.method.clone(), format!("http://{registry}{path}"))
        .headers(forwarded(&parts.headers))
        .body(received)
        .send()
        .await
        .map_err(|_| broken())?;
    if is_blob && answer.status().is_success() {
        state.lock().expect("no panic under this lock").stored += length;
    }
    let mut response = Response::builder().status(answer.status());
    *response.headers_mut().expect("a response") = forwarded(answer.headers());
    if parts.method == Method::HEAD {
        return Ok(response.body(whole("")).expect("an answer"));
    }
    let bytes = answer.bytes().await.map_err(|_| broken())?;
    response
        .headers_mut()
        .expect("a response")
        .insert("content-length", bytes.len().into());
    let body = spoil(
        fault.as_ref(),
        bytes,
        response.headers_mut().expect("a response"),
    );
    Ok(response.body(body).expect("an answer"))
}

fn spoil(fault: Option<&Fault>, bytes: Bytes, headers: &mut HeaderMap) -> Body {
    match fault {
        Some(Fault::CutAnswer(after)) => {
            let begin = bytes.slice(..(*after).min(bytes.len()));
            let frames = stream::iter([Ok(Frame::data(begin)), Err(broken())]);
            // What came before the cut has to leave before it.
            let frames = frames.then(async |frame| {
                tokio::time::sleep(Duration::from_millis(5)).await;
                frame
            });
            BodyExt::boxed(StreamBody::new(Box::pin(frames)))
        }
        Some(Fault::Truncate(to)) => {
            let shorter = bytes.slice(..(*to).min(bytes.len()));
            headers.insert("content-length", shorter.len().into());
            whole(shorter)
        }
        Some(Fault::Damage(at)) => {
            let mut other = bytes.to_vec();
            let at = (*at).min(other.len() - 1);
            other[at] ^= 1;
            whole(other)
        }
        Some(Fault::Drip(pause)) => {
            let pause = *pause;
            let frames = stream::iter(bytes).then(move |byte| async move {
                tokio::time::sleep(pause).await;
                Ok(Frame::data(Bytes::from(vec![byte])))
            });
            BodyExt::boxed(StreamBody::new(Box::pin(frames)))
        }
        _ => whole(bytes),
    }
}

/// Headers as they go on; the length is that of the body as it goes on.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in ["connection", "transfer-encoding"] {
        headers.remove(name);
    }
    headers
}
