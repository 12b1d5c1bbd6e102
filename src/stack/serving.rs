//! A small HTTP server on one address, plain or with TLS.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::error::StackError;

/// How long a client may take for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a connection may take to end.
const DRAIN: Duration = Duration::from_secs(1);

/// What a server answers with.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Takes an address.
pub(crate) async fn listen(
    address: SocketAddr,
    purpose: &'static str,
) -> Result<TcpListener, StackError> {
    let failed = |source| StackError::Listen {
        address,
        purpose,
        source,
    };
    TcpListener::bind(address).await.map_err(failed)
}

/// Serves connections until `shutdown`.
pub(crate) async fn serve<H, F>(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    handler: H,
    shutdown: CancellationToken,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let acceptor = tls.map(TlsAcceptor::from);
    let tracker = TaskTracker::new();
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely; connections that end free some.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (acceptor, handler, stop) = (acceptor.clone(), handler.clone(), shutdown.clone());
        drop(tracker.spawn(async move {
            let Some(acceptor) = acceptor else {
                return connection(stream, handler, stop).await;
            };
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => connection(stream, handler, stop).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
        }));
    }
    tracker.close();
    drop(tokio::time::timeout(DRAIN, tracker.wait()).await);
}

async fn connection<S, H, F>(stream: S, handler: H, shutdown: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = shutdown.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// An answer with a status and a text.
pub(crate) fn text(status: u16, body: &'static str) -> Answer {
    answer(
        status,
        "text/plain; charset=utf-8",
        Bytes::from_static(body.as_bytes()),
    )
}

/// An answer of a media type.
pub(crate) fn answer(status: u16, media_type: &'static str, body: Bytes) -> Answer {
    Response::builder()
        .status(status)
        .header(http::header::CONTENT_TYPE, media_type)
        .body(Full::new(body))
        .expect("a status and a constant header make a response")
}
