//! What the opt-in checks of the network found.

use serde::{Deserialize, Serialize};

/// Answers from the outside world. Nothing of it is asked for without `--online`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
pub struct Online {
    /// Whether a TCP connection over IPv4 to one of two hosts succeeded.
    pub v4: bool,
    /// Whether one over IPv6 did.
    pub v6: bool,
    /// Whether a transfer of full-size segments over IPv6 did.
    pub v6_large: bool,
    /// Whether the A record of a name with both records was found.
    pub a: bool,
    /// Whether its AAAA record was.
    pub aaaa: bool,
    /// The NAT64 prefix that the resolver synthesises from (RFC 7050).
    pub nat64: Option<String>,
    /// Registries of the plan that have no AAAA record.
    pub registries_without_aaaa: Vec<String>,
}
