//! Arguments of `garden6 probe`, which end-to-end cases run in pods.

use std::{net::SocketAddr, time::Duration};

use clap::{Args, Subcommand};

use crate::{
    commands::{Context, probe},
    e2e::probe::{PORT, Transport},
    exit::Exit,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub(super) enum ProbeCommand {
    /// Answer callers until told to end
    Listen {
        /// Port for TCP and UDP
        #[arg(long, default_value_t = PORT)]
        port: u16,
        /// What callers are told
        #[arg(long)]
        name: String,
    },
    /// Call listeners and print their answers
    Call(CallArgs),
}

#[derive(Debug, Args)]
pub(super) struct CallArgs {
    /// Whom to call; IPv6 addresses in brackets
    #[arg(required = true, value_name = "ADDRESS:PORT")]
    targets: Vec<SocketAddr>,
    /// How payloads travel
    #[arg(long, value_delimiter = ',', default_value = "tcp")]
    transports: Vec<Transport>,
    /// Lengths of the payloads, in bytes
    #[arg(long, value_delimiter = ',', default_value = "1")]
    sizes: Vec<usize>,
    /// How often each call is made
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// Seconds after which a call gives up
    #[arg(long, default_value_t = 20)]
    timeout: u64,
}

impl ProbeCommand {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Listen { port, name } => probe::listen(port, name).await,
            Self::Call(args) => probe::call(context, &args.into()).await,
        }
    }
}

impl From<CallArgs> for probe::CallRequest {
    fn from(args: CallArgs) -> Self {
        Self {
            targets: args.targets,
            transports: args.transports,
            sizes: args.sizes,
            times: args.times,
            timeout: Duration::from_secs(args.timeout),
        }
    }
}
