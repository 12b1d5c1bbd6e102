//! The `garden6` binary: parse, run, exit code. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Several crates bring rustls; one provider for all of them, chosen before the first use.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nothing else has chosen a TLS provider before main");
    garden6::cli::run(std::env::args_os())
}
