//! A registry for one image, in this process: where an image comes from that nobody else has.

use std::{collections::BTreeMap, convert::Infallible, io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::mirror::{Digest, media_type};

/// A registry that serves one image until it is dropped.
#[derive(Debug)]
pub(in crate::e2e) struct StandIn {
    address: SocketAddr,
    digest: Digest,
    task: JoinHandle<()>,
}

impl StandIn {
    /// Serves an image on a free port of the IPv6 loopback.
    pub(in crate::e2e) async fn start(
        repository: &str,
        tag: &str,
        manifest: Bytes,
        blobs: Vec<Bytes>,
    ) -> io::Result<Self> {
        let digest = Digest::of(&manifest);
        let base = format!("/v2/{repository}");
        let mut content = BTreeMap::from([
            (format!("{base}/manifests/{tag}"), manifest.clone()),
            (format!("{base}/manifests/{digest}"), manifest),
        ]);
        for blob in blobs {
            content.insert(format!("{base}/blobs/{}", Digest::of(&blob)), blob);
        }
        let listener = TcpListener::bind("[::1]:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(serve(listener, Arc::new(content)));
        Ok(Self {
            address,
            digest,
            task,
        })
    }

    /// Where it listens.
    pub(in crate::e2e) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The digest of the image.
    pub(in crate::e2e) fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, content: Arc<BTreeMap<String, Bytes>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let content = Arc::clone(&content);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let answer = answer(&content, &request);
                async { Ok::<_, Infallible>(answer) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that went away is no concern of a stand-in.
            drop(connection.await);
        });
    }
}

fn answer(content: &BTreeMap<String, Bytes>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match content.get(request.uri().path()).filter(|_| is_read) {
        Some(bytes) => {
            let kind = if request.uri().path().contains("/manifests/") {
                media_type::MANIFEST
            } else {
                "application/octet-stream"
            };
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
            if let Ok(digest) = Digest::of(bytes).to_string().parse() {
                headers.insert("docker-content-digest", digest);
            }
            *response.body_mut() = Full::new(bytes.clone());
        }
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
