//! Docker Engine as a source of facts: plain requests, bounded in time and size, bodies as they come.
//!
//! Bodies stay text because a snapshot records what the engine said, and because the fields that
//! matter (`EnableIPv4`, `FirewallBackend`) are younger than most typed clients.

use std::{io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::endpoint::Endpoint;

/// Longest answer that is read; `/info` and `/networks` are a hundredth of it on busy hosts.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// How much of an answer that is not HTTP is quoted.
const QUOTE: usize = 160;

/// The engine behind one endpoint.
#[derive(Clone, Debug)]
pub struct EngineClient {
    endpoint: Endpoint,
    time_out: Duration,
}

/// What the engine said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Whether the status is a success.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Why there is no answer. The classes decide which check speaks up.
#[derive(Debug, Error)]
pub enum EngineError {
    /// There is no socket.
    #[error("{endpoint} does not exist")]
    Absent {
        /// Where it was looked for.
        endpoint: String,
    },
    /// The socket may not be used by this user.
    #[error("this user may not use {endpoint}")]
    Denied {
        /// The socket.
        endpoint: String,
    },
    /// Nobody listens.
    #[error("nobody listens on {endpoint}")]
    Refused {
        /// The socket or address.
        endpoint: String,
    },
    /// It did not answer in time.
    #[error("{endpoint} did not answer within {} s", after.as_secs_f64())]
    TimedOut {
        /// The socket or address.
        endpoint: String,
        /// The time that it had.
        after: Duration,
    },
    /// What answers does not speak HTTP.
    #[error("{endpoint} answers with something that is no HTTP ({text})")]
    Garbage {
        /// The socket or address.
        endpoint: String,
        /// What is wrong with it.
        text: String,
    },
    /// Anything else that the system says.
    #[error("{endpoint} cannot be used: {text}")]
    Other {
        /// The socket, address or URL.
        endpoint: String,
        /// What the system says.
        text: String,
    },
}

impl EngineClient {
    /// A client that gives every request `time_out` from connecting to the last byte.
    pub const fn new(endpoint: Endpoint, time_out: Duration) -> Self {
        Self { endpoint, time_out }
    }

    /// Where the engine is looked for.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Result<Answer, EngineError> {
        self.request(Method::GET, path, None).await
    }

    /// A request with an optional JSON body.
    ///
    /// # Errors
    ///
    /// [`EngineError`] where there is no answer; an answer that refuses is an [`Answer`].
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, EngineError> {
        let exchange = self.exchange(method, path, body);
        match timeout(self.time_out, exchange).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::TimedOut {
                endpoint: self.endpoint.to_string(),
                after: self.time_out,
            }),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, EngineError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "docker")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body.map_or_else(Bytes::new, |value| {
                Bytes::from(value.to_string())
            })))
            .map_err(|error| self.other(&error))?;
        match &self.endpoint {
            Endpoint::Unix(socket) => {
                let stream = UnixStream::connect(socket)
                    .await
                    .map_err(|error| self.unconnected(&error))?;
                self.talk(stream, request).await
            }
            Endpoint::Tcp(address) => {
                let stream = TcpStream::connect(address.to_string())
                    .await
                    .map_err(|error| self.unconnected(&error))?;
                self.talk(stream, request).await
            }
            Endpoint::Unsupported { reason, .. } => Err(self.other(reason)),
        }
    }

    async fn talk(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, EngineError> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.broken(&error))?;
        let exchange = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|error| self.broken(&error))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), MAX_ANSWER)
                .collect()
                .await
                .map_err(|error| {
                    if error.is::<LengthLimitError>() {
                        return self.garbage(format!("more than {MAX_ANSWER} bytes"));
                    }
                    error
                        .downcast_ref::<hyper::Error>()
                        .map_or_else(|| self.other(&error), |broken| self.broken(broken))
                })?;
            let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            Ok(Answer { status, body })
        };
        // The connection has to be driven while the exchange waits, and ends with it. Where it ends
        // first, the exchange holds what came of it.
        tokio::pin!(exchange);
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            _ = connection => exchange.await,
        }
    }

    fn unconnected(&self, error: &io::Error) -> EngineError {
        let endpoint = self.endpoint.to_string();
        match error.kind() {
            io::ErrorKind::NotFound => EngineError::Absent { endpoint },
            io::ErrorKind::PermissionDenied => EngineError::Denied { endpoint },
            io::ErrorKind::ConnectionRefused => EngineError::Refused { endpoint },
            _ => self.other(error),
        }
    }

    fn broken(&self, error: &hyper::Error) -> EngineError {
        let mut text = error.to_string();
        if let Some(cause) = std::error::Error::source(error) {
            text = format!("{text}: {cause}");
        }
        self.garbage(text)
    }

    fn garbage(&self, text: String) -> EngineError {
        EngineError::Garbage {
            endpoint: self.endpoint.to_string(),
            text,
        }
    }

    fn other(&self, text: &impl ToString) -> EngineError {
        EngineError::Other {
            endpoint: self.endpoint.to_string(),
            text: text.to_string(),
        }
    }
}

/// The beginning of a body, for messages.
pub fn quote(body: &str) -> String {
    let plain: String = body
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(QUOTE)
        .collect();
    plain.trim().to_owned()
}

/// The socket of an endpoint, where it is one of this machine.
pub fn socket(endpoint: &Endpoint) -> Option<PathBuf> {
    match endpoint {
        Endpoint::Unix(path) => Some(path.clone()),
        Endpoint::Tcp(_) | Endpoint::Unsupported { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// An engine that reads a request and writes `answer`, or nothing for ever.
    fn engine(answer: Option<&'static [u8]>) -> (tempfile::TempDir, EngineClient) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut request = [0; 1024];
                    let read = stream.read(&mut request).await.unwrap();
                    assert!(request[..read].starts_with(b"GET /_ping"));
                    match answer {
                        Some(bytes) => stream.write_all(bytes).await.unwrap(),
                        None => std::future::pending().await,
                    }
                });
            }
        });
        let client = EngineClient::new(Endpoint::Unix(path), Duration::from_millis(200));
        (folder, client)
    }

    #[tokio::test]
    async fn an_answer_is_status_and_body() {
        let (_folder, client) = engine(Some(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"));
        let answer = client.get("/_ping").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"));
        assert!(answer.is_success());
    }

    #[tokio::test]
    async fn an_answer_without_length_ends_with_the_connection() {
        let (_folder, client) = engine(Some(b"HTTP/1.1 500 Oops\r\n\r\nbroken"));
        let answer = client.get("/_ping").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (500, "broken"));
    }

    #[tokio::test]
    async fn garbage_is_told_apart_from_silence() {
        for answer in [
            b"\x00\x01\x02 hello\r\n\r\n".as_slice(),
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            let (_folder, client) = engine(Some(answer));
            let error = client.get("/_ping").await.unwrap_err();
            assert!(matches!(error, EngineError::Garbage { .. }), "{error}");
        }
        let (_folder, client) = engine(None);
        let error = client.get("/_ping").await.unwrap_err();
        assert!(matches!(error, EngineError::TimedOut { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_missing_and_a_deserted_socket_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let client = EngineClient::new(Endpoint::Unix(path.clone()), Duration::from_secs(1));
        let error = client.get("/_ping").await.unwrap_err();
        assert!(matches!(error, EngineError::Absent { .. }), "{error}");
        drop(tokio::net::UnixListener::bind(&path).unwrap());
        let error = client.get("/_ping").await.unwrap_err();
        assert!(matches!(error, EngineError::Refused { .. }), "{error}");
    }

    #[test]
    fn quotes_are_short_and_printable() {
        assert_eq!(quote("a\nb\u{1b}[31m"), "a b [31m");
        assert_eq!(quote(&"x".repeat(1000)).len(), QUOTE);
    }
}
