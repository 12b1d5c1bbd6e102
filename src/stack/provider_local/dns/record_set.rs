//! One record set of a DNSRecord, with values that can be served.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::api::extensions::DnsRecordSpec;

/// The value of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rdata {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name, lower case, without trailing dot.
    Cname(String),
    /// A text.
    Txt(String),
}

/// All records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The name, lower case, without trailing dot.
    pub name: String,
    /// The time to live in seconds.
    pub ttl: u32,
    /// The values.
    pub values: Vec<Rdata>,
}

/// Why a DNSRecord cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordSetError {
    /// The type is none of those that a DNSRecord may have.
    #[error("record type `{record_type}` is none of A, AAAA, CNAME, TXT")]
    Type {
        /// What was written.
        record_type: String,
    },
    /// The value is no address of the family, or no name.
    #[error("value `{value}` of `{name}` is no {expected}")]
    Value {
        /// The name of the record set.
        name: String,
        /// What was written.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
}

/// The default of Gardener (`controllers.shoot.dnsEntryTTLSeconds`).
const DEFAULT_TTL: u32 = 120;

impl TryFrom<&DnsRecordSpec> for RecordSet {
    type Error = RecordSetError;

    /// provider-local takes only IPv4 addresses in A and only IPv6 addresses in AAAA, whatever the
    /// validation of the API lets through.
    fn try_from(spec: &DnsRecordSpec) -> Result<Self, Self::Error> {
        let name = normalised(&spec.name);
        let bad = |value: &str, expected| RecordSetError::Value {
            name: name.clone(),
            value: value.to_owned(),
            expected,
        };
        let values = spec
            .values
            .iter()
            .map(|value| match spec.record_type.as_str() {
                "A" => value
                    .parse()
                    .map(Rdata::A)
                    .map_err(|_| bad(value, "IPv4 address")),
                "AAAA" => value
                    .parse()
                    .map(Rdata::Aaaa)
                    .map_err(|_| bad(value, "IPv6 address")),
                "CNAME" if value.is_empty() => Err(bad(value, "domain name")),
                "CNAME" => Ok(Rdata::Cname(normalised(value))),
                "TXT" => Ok(Rdata::Txt(value.clone())),
                _ => Err(RecordSetError::Type {
                    record_type: spec.record_type.clone(),
                }),
            })
            .collect::<Result<_, _>>()?;
        let ttl = spec
            .ttl
            .and_then(|ttl| u32::try_from(ttl).ok())
            .unwrap_or(DEFAULT_TTL);
        Ok(Self { name, ttl, values })
    }
}

/// A domain name without trailing dot, in lower case.
pub(super) fn normalised(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(record_type: &str, values: &[&str]) -> DnsRecordSpec {
        DnsRecordSpec {
            name: "Api.Example.com.".to_owned(),
            record_type: record_type.to_owned(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
            ..DnsRecordSpec::default()
        }
    }

    #[test]
    fn a_record_set_has_a_normal_name_and_typed_values() {
        let set = RecordSet::try_from(&spec("AAAA", &["2001:0db8::1"])).unwrap();
        assert_eq!(set.name, "api.example.com");
        assert_eq!(set.ttl, 120);
        assert_eq!(set.values, [Rdata::Aaaa("2001:db8::1".parse().unwrap())]);
    }

    #[test]
    fn an_address_of_the_other_family_is_refused() {
        for (record_type, value) in [("A", "::1"), ("AAAA", "127.0.0.1")] {
            assert!(RecordSet::try_from(&spec(record_type, &[value])).is_err());
        }
    }
}
