//! A line that takes its time, in front of a registry: outside of benchmarks registries are not on the machine that
//! copies. Connections are made at once, what goes over them is late; nothing is slower or lost.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// The address of the near end of a line whose other end is `registry`. It lasts as long as the process.
pub(crate) fn to(registry: SocketAddr, one_way: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(registry) else {
                continue;
            };
            for stream in [&near, &far] {
                drop(stream.set_nodelay(true));
            }
            if let (Ok(near_again), Ok(far_again)) = (near.try_clone(), far.try_clone()) {
                pass(near, far, one_way);
                pass(far_again, near_again, one_way);
            }
        }
    });
    address
}

/// Passes on what is read, each piece when its time has come.
fn pass(mut from: TcpStream, mut to: TcpStream, late: Duration) {
    let (pieces, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        for (when, piece) in due {
            thread::sleep(when.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Write));
    });
    thread::spawn(move || {
        let mut buffer = vec![0; 256 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let piece = (Instant::now() + late, buffer[..length].to_vec());
            if pieces.send(piece).is_err() {
                break;
            }
        }
    });
}
