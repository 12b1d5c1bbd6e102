//! Address ranges as Gardener reads them, which is more lenient than [`Cidr`].
//!
//! Host bits are no parse error here (whether they are an error at all depends on the field), and
//! an IPv4-mapped IPv6 range *is* an IPv4 range, because Go's `net` package sees it that way.

use std::net::IpAddr;

use super::{FieldError, Path};
use crate::{
    api::autov6::notation,
    net::{Cidr, IpFamily},
};

/// The text of a range together with the field it stands in.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    text: &'a str,
    path: Path,
    parsed: Option<Parsed>,
}

#[derive(Clone, Copy, Debug)]
struct Parsed {
    /// The range without host bits, a mapped one as IPv4.
    network: Cidr,
    /// Whether the address before the slash was the first one of the range.
    canonical: bool,
    /// The length as it was written, which differs from `network`'s for a mapped range.
    written_len: u8,
}

impl<'a> Range<'a> {
    /// Reads a range; a text that is none is remembered as such.
    pub fn new(text: &'a str, path: Path) -> Self {
        let parsed = parse(text);
        Self { text, path, parsed }
    }

    /// The family, if the text is a range.
    pub fn family(&self) -> Option<IpFamily> {
        self.parsed.map(|parsed| parsed.network.family())
    }

    /// The range without its host bits, if the text is a range.
    pub fn network(&self) -> Option<Cidr> {
        self.parsed.map(|parsed| parsed.network)
    }

    /// The error of a text that is no range.
    pub(super) fn check_parse(&self) -> Option<FieldError> {
        let unreadable = "must be an address range such as 2001:db8::/32 or 10.0.0.0/8";
        let detail = if notation::is_tuple(self.text) {
            format!("{unreadable}; AUTOv6 tuples need the feature gate AutoIPv6")
        } else {
            unreadable.to_owned()
        };
        self.parsed.is_none().then(|| self.invalid(detail))
    }

    /// The error of a range that must not touch another one, and does. A text that is no range is
    /// told so instead.
    pub(super) fn clash(&self, detail: impl Into<String>) -> FieldError {
        self.check_parse().unwrap_or_else(|| self.invalid(detail))
    }

    /// The error of a range of the other family.
    pub(super) fn check_family(&self, expected: IpFamily) -> Option<FieldError> {
        self.family()
            .is_some_and(|family| family != expected)
            .then(|| self.invalid(format!("must be an {expected} range")))
    }

    /// The error of a range with host bits.
    pub(super) fn check_canonical(&self) -> Option<FieldError> {
        let parsed = self.parsed.filter(|parsed| !parsed.canonical)?;
        Some(self.invalid(format!(
            "has host bits set, the range is {}",
            parsed.network
        )))
    }

    /// The error of a range of more addresses than `longest`'s length allows.
    pub(super) fn check_not_larger(&self, prefix_len: u8) -> Option<FieldError> {
        self.parsed
            .is_some_and(|parsed| parsed.written_len < prefix_len)
            .then(|| self.invalid(format!("must not be larger than /{prefix_len}")))
    }

    /// The error of this range for touching `other`; none while one of them is no range.
    pub(super) fn check_disjoint_from(&self, other: &Self) -> Option<FieldError> {
        let overlaps = self.network()?.overlaps(other.network()?);
        overlaps.then(|| {
            self.invalid(format!(
                "must not overlap with {} ({})",
                other.path, other.text
            ))
        })
    }

    /// Whether the ranges touch, as the overlap helper of Gardener's admission sees it: a text
    /// that is no range touches everything.
    pub(super) fn intersects(&self, other: &Self) -> bool {
        match (self.network(), other.network()) {
            (Some(own), Some(other)) => own.overlaps(other),
            _ => true,
        }
    }

    pub(super) fn invalid(&self, detail: impl Into<String>) -> FieldError {
        FieldError::invalid(&self.path, self.text, detail)
    }
}

/// Each later range of a list that touches an earlier one, once per pair.
pub(super) fn overlaps(ranges: &[Range<'_>]) -> Vec<FieldError> {
    ranges
        .iter()
        .enumerate()
        .flat_map(|(index, earlier)| {
            ranges[index + 1..]
                .iter()
                .filter_map(|later| later.check_disjoint_from(earlier))
        })
        .collect()
}

fn parse(text: &str) -> Option<Parsed> {
    let (address, length) = text.split_once('/')?;
    // The standard library refuses zones and leading zeros in octets, as Go does; a length may
    // have leading zeros there.
    let address: IpAddr = address.parse().ok()?;
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let written_len: u8 = match length.trim_start_matches('0') {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    let network = Cidr::containing(address, written_len)?;
    let canonical = network.network() == address;
    Some(Parsed {
        network: unmapped(network),
        canonical,
        written_len,
    })
}

fn unmapped(network: Cidr) -> Cidr {
    let IpAddr::V6(address) = network.network() else {
        return network;
    };
    address
        .to_ipv4_mapped()
        .zip(network.prefix_len().checked_sub(96))
        .and_then(|(address, length)| Cidr::containing(address.into(), length))
        .unwrap_or(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range<'_> {
        Range::new(text, Path::new("spec.x"))
    }

    #[test]
    fn texts_that_are_no_ranges() {
        for text in [
            "",
            "invalid-cidr",
            "2001:db8:1::",
            "2001:db8:1::/129",
            "10.0.0.0/33",
            "fe80::%eth0/64",
            "010.250.0.0/16",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            " 10.0.0.0/8",
            "10.0.0.0/4294967304",
        ] {
            assert!(range(text).check_parse().is_some(), "{text:?}");
        }
    }

    #[test]
    fn canonical_is_about_addresses_not_text() {
        for text in ["2001:0db8:0001::/48", "10.0.0.0/08", "::/0"] {
            assert!(range(text).check_parse().is_none(), "{text}");
            assert!(range(text).check_canonical().is_none(), "{text}");
        }
        assert!(range("2001:db8:1::1/48").check_canonical().is_some());
        assert!(range("nonsense").check_canonical().is_none());
    }

    #[test]
    fn a_mapped_range_is_an_ipv4_range() {
        let mapped = range("::ffff:10.0.0.0/112");
        assert_eq!(mapped.family(), Some(IpFamily::V4));
        assert!(mapped.check_canonical().is_none());
        assert!(mapped.intersects(&range("10.0.5.0/24")));
        assert_eq!(range("::ffff:10.0.0.0/64").family(), Some(IpFamily::V6));
    }

    #[test]
    fn a_text_that_is_no_range_touches_everything_at_admission_and_nothing_in_static_rules() {
        let (bad, good) = (range("nonsense"), range("10.0.0.0/8"));
        assert!(bad.intersects(&good) && good.intersects(&bad));
        assert!(bad.check_disjoint_from(&good).is_none());
        assert!(!range("::/0").intersects(&range("0.0.0.0/0")));
    }
}
