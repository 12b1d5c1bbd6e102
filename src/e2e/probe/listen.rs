//! The end that answers.

use std::{
    io,
    net::{Ipv6Addr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

use super::{Answer, PAYLOAD_MAX};

/// The largest datagram (RFC 768).
const DATAGRAM_MAX: usize = 65_535;

/// Takes a port, `0` for any, for both transports and both families. Returns where, and what
/// answers until it is dropped.
pub async fn listen(
    port: u16,
    name: String,
) -> io::Result<(SocketAddr, impl Future<Output = io::Result<()>> + Send)> {
    let tcp = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await?;
    let address = tcp.local_addr()?;
    let udp = UdpSocket::bind(address).await?;
    let serve = async move {
        tokio::try_join!(connections(tcp, name.clone()), datagrams(udp, name))?;
        Ok(())
    };
    Ok((address, serve))
}

async fn connections(listener: TcpListener, name: String) -> io::Result<()> {
    loop {
        let (stream, caller) = listener.accept().await?;
        let name = name.clone();
        // A caller that goes away in the middle is its own trouble.
        tokio::spawn(async move { drop(connection(stream, caller, name).await) });
    }
}

async fn connection(mut stream: TcpStream, caller: SocketAddr, listener: String) -> io::Result<()> {
    let mut payload = (&mut stream).take(PAYLOAD_MAX);
    let bytes = tokio::io::copy(&mut payload, &mut tokio::io::sink()).await?;
    stream.write_all(&answer(listener, caller, bytes)).await?;
    stream.shutdown().await
}

async fn datagrams(socket: UdpSocket, name: String) -> io::Result<()> {
    let mut buffer = vec![0; DATAGRAM_MAX];
    loop {
        let (length, caller) = socket.recv_from(&mut buffer).await?;
        let bytes = u64::try_from(length).unwrap_or(u64::MAX);
        // The caller may be gone; it asks again if not.
        drop(
            socket
                .send_to(&answer(name.clone(), caller, bytes), caller)
                .await,
        );
    }
}

fn answer(listener: String, caller: SocketAddr, bytes: u64) -> Vec<u8> {
    let answer = Answer {
        listener,
        // An IPv4 caller of a socket for both families looks like IPv6.
        caller: caller.ip().to_canonical(),
        bytes,
    };
    serde_json::to_vec(&answer).expect("an answer has a JSON form")
}
