//! The vocabulary of addresses: families, prefixes, host and port pairs.
//!
//! Addresses are parsed, compared and formatted here and nowhere else: brackets around IPv6
//! literals, canonical text (RFC 5952) and family rules have exactly one home.

mod cidr;
mod family;
mod host;
mod route;
mod special;

pub use cidr::{Cidr, CidrError};
pub use family::{Families, FamiliesError, IpFamily, UnknownFamily};
pub use host::{Host, HostError, HostPort};
pub use route::{Route, from_proc_ipv4, from_proc_ipv6};
pub use special::SpecialUse;
