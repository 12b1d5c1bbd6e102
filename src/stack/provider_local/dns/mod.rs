//! The authoritative DNS server behind DNSRecord objects.
//!
//! [`Zones`] is the data and decides every answer, without I/O; the server only translates between
//! it and the wire. The zones follow the watch of DNSRecord objects, so they need no storage.

mod record_set;
mod server;
mod zones;

pub use record_set::{Rdata, RecordSet, RecordSetError};
pub use server::DnsServer;
pub use zones::{Answer, Lookup, QueryType, Zones};
