//! The registry client against a registry that misbehaves on command, on `[::1]`.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use garden6::mirror::{
    Descriptor, Digest, Endpoint, Existing, MirrorError, RegistryClient, media_type,
};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const REPOSITORY: &str = "team/app";

/// What the registry has, what it saw, and what it does wrong.
#[derive(Default)]
struct State {
    blobs: BTreeMap<String, Bytes>,
    manifests: BTreeMap<String, (String, Bytes)>,
    seen: Vec<String>,
    /// Answers given instead of real ones, first come, first served.
    scripted: Vec<(StatusCode, Option<&'static str>)>,
    /// A digest told instead of the real one.
    told_digest: Option<String>,
}

type Shared = Arc<Mutex<State>>;

/// Starts a registry and a client of it.
async fn registry(state: State) -> (RegistryClient, Shared) {
    let shared = Arc::new(Mutex::new(state));
    let listener = TcpListener::bind("[::1]:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    let served = Arc::clone(&shared);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let shared = Arc::clone(&served);
            tokio::spawn(async move {
                let service = service_fn(|request| answer(Arc::clone(&shared), request));
                drop(
                    http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });
    let endpoint = Endpoint::plain_http(&address.into());
    (RegistryClient::new(&endpoint).expect("a client"), shared)
}

async fn answer(
    shared: Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let mut state = shared.lock().expect("no panic under this lock");
    state.seen.push(format!("{} {}", parts.method, parts.uri));
    if !state.scripted.is_empty() {
        let (status, retry_after) = state.scripted.remove(0);
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("retry-after", seconds);
        }
        return Ok(response.body(Full::from("scripted")).expect("a response"));
    }
    let path = parts.uri.path().trim_start_matches("/v2/").to_owned();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut response = Response::builder();
    let mut content = Bytes::new();
    let status = match (parts.method, path.contains("/manifests/")) {
        (Method::GET, true) => match state.manifests.get(&name) {
            Some((kind, bytes)) => {
                response = response.header("content-type", format!("{kind}; charset=utf-8"));
                content = bytes.clone();
                StatusCode::OK
            }
            None => StatusCode::NOT_FOUND,
        },
        (Method::PUT, true) => {
            let kind = parts.headers["content-type"]
                .to_str()
                .expect("text")
                .to_owned();
            response = response.header("docker-content-digest", told(&state, &body));
            state.manifests.insert(name, (kind, body));
            StatusCode::CREATED
        }
        (Method::HEAD, _) if state.blobs.contains_key(&name) => StatusCode::OK,
        (Method::HEAD, _) => StatusCode::NOT_FOUND,
        (Method::POST, _) => {
            let location = format!("/v2/{REPOSITORY}/blobs/uploads/1?state=a");
            response = response.header("location", location);
            StatusCode::ACCEPTED
        }
        (Method::PUT, false) => {
            let wanted = format!("state=a&digest={}", encoded(&Digest::of(&body)));
            if parts.uri.query() == Some(wanted.as_str()) {
                response = response.header("docker-content-digest", told(&state, &body));
                state.blobs.insert(Digest::of(&body).to_string(), body);
                StatusCode::CREATED
            } else {
                StatusCode::BAD_REQUEST
            }
        }
        _ => StatusCode::OK,
    };
    Ok(response
        .status(status)
        .body(Full::from(content))
        .expect("a response"))
}

fn encoded(digest: &Digest) -> String {
    digest.to_string().replace(':', "%3A")
}

fn told(state: &State, body: &Bytes) -> String {
    state
        .told_digest
        .clone()
        .unwrap_or_else(|| Digest::of(body).to_string())
}

fn methods(shared: &Shared) -> Vec<String> {
    let state = shared.lock().expect("no panic under this lock");
    state
        .seen
        .iter()
        .filter_map(|seen| Some(seen.split_once(' ')?.0.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_blob_is_sent_once_and_found_afterwards() {
    let (client, shared) = registry(State::default()).await;
    let content = Bytes::from_static(b"layer");
    let first = client.put_bytes(REPOSITORY, content.clone()).await;
    assert_eq!(first.expect("it is stored"), Existing::Sent);
    let second = client.put_bytes(REPOSITORY, content).await;
    assert_eq!(second.expect("it is there"), Existing::Found);
    assert_eq!(methods(&shared), ["HEAD", "POST", "PUT", "HEAD"]);
}

#[tokio::test]
async fn a_file_is_streamed_with_its_length() {
    let (client, shared) = registry(State::default()).await;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let content = vec![7_u8; 1_000_000];
    std::fs::write(file.path(), &content).expect("it can be written");
    let descriptor = Descriptor {
        media_type: media_type::LAYER_GZIP.to_owned(),
        digest: Digest::of(&content),
        size: content.len() as u64,
    };
    client
        .put_file(REPOSITORY, &descriptor, file.path())
        .await
        .expect("it is stored");
    let state = shared.lock().expect("no panic under this lock");
    assert_eq!(
        state.blobs[&descriptor.digest.to_string()].len(),
        content.len()
    );
}

#[tokio::test]
async fn trouble_that_passes_is_ridden_out_with_a_new_upload() {
    let scripted = vec![
        (StatusCode::BAD_GATEWAY, None),
        (StatusCode::TOO_MANY_REQUESTS, Some("0")),
    ];
    let (client, shared) = registry(State {
        scripted,
        ..State::default()
    })
    .await;
    client
        .put_bytes(REPOSITORY, Bytes::from_static(b"x"))
        .await
        .expect("it is stored in the end");
    assert_eq!(methods(&shared), ["HEAD", "HEAD", "HEAD", "POST", "PUT"]);
}

#[tokio::test]
async fn a_refusal_is_final_and_told_with_its_text() {
    let scripted = vec![(StatusCode::FORBIDDEN, None)];
    let (client, shared) = registry(State {
        scripted,
        ..State::default()
    })
    .await;
    let error = client.ping().await.expect_err("it is refused");
    assert!(
        matches!(&error, MirrorError::Refused { status: StatusCode::FORBIDDEN, body, .. } if body == "scripted")
    );
    assert_eq!(methods(&shared), ["GET"]);
}

#[tokio::test]
async fn patience_has_an_end() {
    let scripted = vec![(StatusCode::TOO_MANY_REQUESTS, Some("3600"))];
    let (client, shared) = registry(State {
        scripted,
        ..State::default()
    })
    .await;
    client.ping().await.expect_err("nobody waits an hour");
    assert_eq!(methods(&shared), ["GET"]);
}

#[tokio::test]
async fn a_registry_that_stored_something_else_is_caught() {
    let told_digest = Some(Digest::of(b"other").to_string());
    let (client, _) = registry(State {
        told_digest,
        ..State::default()
    })
    .await;
    let error = client.put_bytes(REPOSITORY, Bytes::from_static(b"x")).await;
    assert!(matches!(error, Err(MirrorError::DigestDiffers { .. })));
}

#[tokio::test]
async fn manifests_keep_their_bytes_and_are_checked_against_a_digest() {
    let (client, shared) = registry(State::default()).await;
    let manifest = Bytes::from_static(b"{ \"schemaVersion\" : 2 }");
    let stored = client
        .put_manifest(REPOSITORY, "v1", media_type::MANIFEST, manifest.clone())
        .await
        .expect("it is stored");
    assert_eq!(stored.digest, Digest::of(&manifest));
    let read = client.manifest(REPOSITORY, "v1").await.expect("it is read");
    assert_eq!(
        read,
        Some((manifest.clone(), media_type::MANIFEST.to_owned()))
    );
    let other = Digest::of(b"other");
    shared
        .lock()
        .expect("no panic under this lock")
        .manifests
        .insert(
            other.to_string(),
            (media_type::MANIFEST.to_owned(), manifest),
        );
    let error = client.manifest(REPOSITORY, &other.to_string()).await;
    assert!(matches!(error, Err(MirrorError::DigestDiffers { .. })));
    assert_eq!(
        client
            .manifest(REPOSITORY, "none")
            .await
            .expect("an answer"),
        None
    );
}

#[tokio::test]
async fn nobody_listening_is_said_with_the_address() {
    let listener = TcpListener::bind("[::1]:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    drop(listener);
    let client = RegistryClient::new(&Endpoint::plain_http(&address.into())).expect("a client");
    let error = client.ping().await.expect_err("nobody is there");
    assert_eq!(error.to_string(), format!("cannot reach /v2/ at {address}"));
}
