//! The end that asks.

use std::{
    io,
    net::{Ipv6Addr, SocketAddr},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::Instant,
};

use super::{Answer, Transport};

/// Between two tries: a listener that starts, or a lost datagram.
const PAUSE: Duration = Duration::from_millis(200);
/// How long one try may take.
const TRY: Duration = Duration::from_secs(2);
/// An answer is smaller than this.
const ANSWER_MAX: usize = 4096;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whom to call.
    pub target: SocketAddr,
    /// How the payload travels.
    pub transport: Transport,
    /// The length of the payload.
    pub bytes: usize,
    /// When to give up.
    pub timeout: Duration,
}

/// Nobody answered in time.
#[derive(Debug, Error)]
#[error("no answer from {target} over {transport} within {} ms", timeout.as_millis())]
pub struct CallError {
    target: SocketAddr,
    transport: Transport,
    timeout: Duration,
    /// What the last try ended with.
    source: io::Error,
}

/// Calls until somebody answers or the time is over.
pub async fn call(call: &Call) -> Result<Answer, CallError> {
    let deadline = Instant::now() + call.timeout;
    loop {
        let attempt = match call.transport {
            Transport::Tcp => tokio::time::timeout(TRY, connect(call)).await,
            Transport::Udp => tokio::time::timeout(TRY, send(call)).await,
        };
        let error = match attempt {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => io::Error::from(io::ErrorKind::TimedOut),
        };
        if Instant::now() + PAUSE > deadline {
            return Err(CallError {
                target: call.target,
                transport: call.transport,
                timeout: call.timeout,
                source: error,
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn connect(call: &Call) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(call.target).await?;
    stream.write_all(&vec![b'6'; call.bytes]).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(serde_json::from_slice(&answer)?)
}

async fn send(call: &Call) -> io::Result<Answer> {
    let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await?;
    socket.connect(as_ipv6(call.target)).await?;
    socket.send(&vec![b'6'; call.bytes]).await?;
    let mut answer = vec![0; ANSWER_MAX];
    let length = socket.recv(&mut answer).await?;
    Ok(serde_json::from_slice(&answer[..length])?)
}

/// A target as a socket for both families calls it.
fn as_ipv6(target: SocketAddr) -> SocketAddr {
    match target {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        SocketAddr::V6(_) => target,
    }
}
