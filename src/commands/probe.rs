//! `garden6 probe`: what end-to-end cases run in pods.

use std::{net::SocketAddr, time::Duration};

use super::{Context, interrupt::Interrupts};
use crate::{
    e2e::probe::{self, Call, Transport},
    exit::Exit,
    failure::Failure,
};

/// Calls of `garden6 probe call`: every target with every transport and size, several times.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// Whom to call.
    pub targets: Vec<SocketAddr>,
    /// How payloads travel.
    pub transports: Vec<Transport>,
    /// Their lengths.
    pub sizes: Vec<usize>,
    /// How often each call is made.
    pub times: u32,
    /// When one call gives up.
    pub timeout: Duration,
}

/// Answers callers until told to end.
pub async fn listen(port: u16, name: String) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let (_, listener) = probe::listen(port, name)
        .await
        .map_err(Failure::environment)?;
    tokio::select! {
        ended = listener => ended.map_err(Failure::internal)?,
        _ = interrupts.next() => {}
    }
    Ok(Exit::Success)
}

/// Makes the calls in order and prints one answer per line; the first without one ends it.
pub async fn call(context: &Context, request: &CallRequest) -> Result<Exit, Failure> {
    for target in &request.targets {
        for transport in &request.transports {
            for bytes in &request.sizes {
                for _ in 0..request.times {
                    let call = Call {
                        target: *target,
                        transport: *transport,
                        bytes: *bytes,
                        timeout: request.timeout,
                    };
                    let answer = probe::call(&call).await.map_err(Failure::environment)?;
                    let line = serde_json::to_string(&answer).map_err(Failure::internal)?;
                    context.ui.data(&format!("{line}\n"))?;
                }
            }
        }
    }
    Ok(Exit::Success)
}
