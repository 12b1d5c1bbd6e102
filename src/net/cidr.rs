//! CIDR prefixes, strict: no host bits, no leading zeros, no zone identifiers.

use std::{
    cmp::Ordering,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::IpFamily;

/// A network prefix whose host bits are all zero.
///
/// Two prefixes are equal when they are the same set of addresses, whatever text they came from;
/// [`fmt::Display`] writes the RFC 5952 form. Ordered by family (IPv4 first), address, length.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cidr {
    network: IpAddr,
    prefix_len: u8,
}

/// Why a text is not a canonical prefix.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CidrError {
    /// There is no `/`.
    #[error("`{text}` has no prefix length, expected ADDRESS/LENGTH")]
    NoLength {
        /// What was written.
        text: String,
    },
    /// The part before the `/` is not an address (leading zeros and zones included).
    #[error("`{address}` in `{text}` is not an IP address")]
    Address {
        /// What was written.
        text: String,
        /// The part that should be an address.
        address: String,
    },
    /// The part after the `/` is not a length of the family.
    #[error("prefix length `{length}` in `{text}` is not a number from 0 to {max}")]
    Length {
        /// What was written.
        text: String,
        /// The part that should be a length.
        length: String,
        /// The longest prefix of the family.
        max: u8,
    },
    /// Bits behind the prefix are set.
    #[error("`{text}` has host bits set, the network is `{network}`")]
    HostBits {
        /// What was written.
        text: String,
        /// The prefix that was probably meant.
        network: Cidr,
    },
}

impl Cidr {
    /// The prefix of length `prefix_len` that holds `address`; host bits are cleared.
    ///
    /// `None` when the family has no prefixes of that length.
    pub fn containing(address: IpAddr, prefix_len: u8) -> Option<Self> {
        let family = IpFamily::of(address);
        if prefix_len > family.bits() {
            return None;
        }
        let network = from_bits(family, to_bits(address) & mask(family, prefix_len));
        Some(Self {
            network,
            prefix_len,
        })
    }

    /// The prefix that holds only `address`: `/32` or `/128`.
    pub fn host(address: IpAddr) -> Self {
        Self {
            network: address,
            prefix_len: IpFamily::of(address).bits(),
        }
    }

    /// The first address.
    pub const fn network(self) -> IpAddr {
        self.network
    }

    /// The last address (for IPv4 the broadcast address of the prefix).
    pub fn last(self) -> IpAddr {
        let family = self.family();
        let all = mask(family, family.bits());
        from_bits(
            family,
            to_bits(self.network) | (all & !mask(family, self.prefix_len)),
        )
    }

    /// The length of the prefix in bits.
    pub const fn prefix_len(self) -> u8 {
        self.prefix_len
    }

    /// The bits of the network as the highest of a 128-bit word, so that prefixes of both families
    /// nest by the same arithmetic.
    pub fn left_aligned_bits(self) -> u128 {
        to_bits(self.network) << (128 - u32::from(self.family().bits()))
    }

    /// The prefix of a family with these bits, the reverse of [`Cidr::left_aligned_bits`]. Bits
    /// behind the prefix are cleared; `None` when the family has no prefixes of that length.
    pub fn from_left_aligned(family: IpFamily, bits: u128, prefix_len: u8) -> Option<Self> {
        let address = from_bits(family, bits >> (128 - u32::from(family.bits())));
        Self::containing(address, prefix_len)
    }

    /// The family.
    pub fn family(self) -> IpFamily {
        IpFamily::of(self.network)
    }

    /// Whether `address` is inside.
    pub fn contains(self, address: IpAddr) -> bool {
        Self::containing(address, self.prefix_len) == Some(self)
    }

    /// Whether every address of `other` is inside.
    pub fn contains_cidr(self, other: Self) -> bool {
        other.prefix_len >= self.prefix_len && self.contains(other.network)
    }

    /// Whether any address is in both. Prefixes of different families never overlap.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains_cidr(other) || other.contains_cidr(self)
    }

    /// The address `offset` after the network address, if it is inside.
    pub fn nth(self, offset: u128) -> Option<IpAddr> {
        let family = self.family();
        let host_bits = family.bits() - self.prefix_len;
        let inside = host_bits >= 128 || offset >> host_bits == 0;
        inside.then(|| from_bits(family, to_bits(self.network) + offset))
    }

    /// How far `address` is from the network address, if it is inside. The reverse of
    /// [`Cidr::nth`].
    pub fn offset_of(self, address: IpAddr) -> Option<u128> {
        self.contains(address)
            .then(|| to_bits(address) - to_bits(self.network))
    }

    /// The prefixes of length `prefix_len` inside, in order; empty when that length does not fit.
    pub fn subnets(self, prefix_len: u8) -> impl Iterator<Item = Self> {
        let family = self.family();
        let fits = prefix_len >= self.prefix_len && prefix_len <= family.bits();
        let end = to_bits(self.last());
        let step = match family.bits().checked_sub(prefix_len) {
            Some(bits) if bits < 128 => Some(1_u128 << bits),
            _ => None,
        };
        std::iter::successors(fits.then(|| to_bits(self.network)), move |current| {
            current.checked_add(step?).filter(|next| *next <= end)
        })
        .map(move |bits| Self {
            network: from_bits(family, bits),
            prefix_len,
        })
    }
}

fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn from_bits(family: IpFamily, bits: u128) -> IpAddr {
    match family {
        IpFamily::V4 => IpAddr::V4(Ipv4Addr::from_bits(
            u32::try_from(bits).expect("IPv4 arithmetic stays within 32 bits"),
        )),
        IpFamily::V6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    }
}

/// The network mask of a prefix length, in the low bits of the family's width.
fn mask(family: IpFamily, prefix_len: u8) -> u128 {
    let width = family.bits();
    let all = u128::MAX >> (128 - u32::from(width));
    let host_bits = u32::from(width - prefix_len);
    all.checked_shr(host_bits)
        .map_or(0, |ones| (ones << host_bits) & all)
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((address, length)) = text.split_once('/') else {
            return Err(CidrError::NoLength {
                text: text.to_owned(),
            });
        };
        // The standard library refuses leading zeros and zones, as Go's net/netip does.
        let Ok(ip) = address.parse::<IpAddr>() else {
            return Err(CidrError::Address {
                text: text.to_owned(),
                address: address.to_owned(),
            });
        };
        let max = IpFamily::of(ip).bits();
        let plain = length.len() <= 3 && length.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = length.len() > 1 && length.starts_with('0');
        let network = length
            .parse()
            .ok()
            .filter(|_| plain && !leading_zero)
            .and_then(|prefix_len| Self::containing(ip, prefix_len));
        match network {
            None => Err(CidrError::Length {
                text: text.to_owned(),
                length: length.to_owned(),
                max,
            }),
            Some(network) if network.network != ip => Err(CidrError::HostBits {
                text: text.to_owned(),
                network,
            }),
            Some(network) => Ok(network),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix_len)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Cidr {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.network, self.prefix_len).cmp(&(other.network, other.prefix_len))
    }
}

impl PartialOrd for Cidr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn reads_any_spelling_and_writes_the_canonical_one() {
        let long = "2001:0db8:0001:0000:0000:0000:0000:0000/48";
        assert_eq!(cidr(long).to_string(), "2001:db8:1::/48");
        assert_eq!(cidr("::/0").to_string(), "::/0");
        assert_eq!(cidr("10.0.0.0/8").to_string(), "10.0.0.0/8");
    }

    #[test]
    fn refuses_what_is_not_a_canonical_prefix() {
        for text in [
            "",
            "/",
            "fd00::",
            "fd00::/",
            "fd00::/129",
            "10.0.0.0/33",
            "010.0.0.0/8",
            "fe80::%eth0/64",
            "[fd00::]/64",
            "fd00::/+64",
            "fd00::/064",
            " fd00::/64",
            "fd00::/64 ",
        ] {
            assert!(text.parse::<Cidr>().is_err(), "`{text}` was accepted");
        }
    }

    #[test]
    fn host_bits_are_refused_with_the_network_that_was_meant() {
        let error = "2001:db8:1::1/48".parse::<Cidr>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2001:db8:1::1/48` has host bits set, the network is `2001:db8:1::/48`"
        );
    }

    #[test]
    fn offsets_stop_at_the_last_address() {
        assert_eq!(cidr("fd00:10:2::/112").nth(10), "fd00:10:2::a".parse().ok());
        assert_eq!(cidr("10.0.0.0/30").nth(3), "10.0.0.3".parse().ok());
        assert_eq!(cidr("10.0.0.0/30").nth(4), None);
        assert_eq!(
            cidr("::/0").nth(u128::MAX),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".parse().ok()
        );
    }

    #[test]
    fn families_never_overlap() {
        assert!(!cidr("::/0").overlaps(cidr("0.0.0.0/0")));
    }

    #[test]
    fn subnets_are_the_pieces_in_order() {
        let pieces: Vec<_> = cidr("fd00::/62").subnets(64).map(String::from).collect();
        assert_eq!(
            pieces,
            [
                "fd00::/64",
                "fd00:0:0:1::/64",
                "fd00:0:0:2::/64",
                "fd00:0:0:3::/64"
            ]
        );
        assert_eq!(cidr("fd00::/64").subnets(63).count(), 0);
        assert_eq!(cidr("::/0").subnets(0).count(), 1);
    }

    fn any_cidr() -> impl Strategy<Value = Cidr> {
        (any::<IpAddr>(), 0_u8..=128).prop_map(|(address, length)| {
            let length = length.min(IpFamily::of(address).bits());
            Cidr::containing(address, length).unwrap()
        })
    }

    proptest! {
        #[test]
        fn text_round_trips(cidr in any_cidr()) {
            prop_assert_eq!(cidr.to_string().parse::<Cidr>(), Ok(cidr));
        }

        #[test]
        fn first_and_last_are_inside_and_neighbours_are_not(cidr in any_cidr()) {
            prop_assert!(cidr.contains(cidr.network()) && cidr.contains(cidr.last()));
            let family = cidr.family();
            let all = mask(family, family.bits());
            let (first, last) = (to_bits(cidr.network()), to_bits(cidr.last()));
            if first > 0 {
                prop_assert!(!cidr.contains(from_bits(family, first - 1)));
            }
            if last < all {
                prop_assert!(!cidr.contains(from_bits(family, last + 1)));
            }
        }

        #[test]
        fn prefixes_nest_or_are_disjoint(a in any_cidr(), b in any_cidr()) {
            prop_assert_eq!(a.overlaps(b), b.overlaps(a));
            prop_assert_eq!(a.overlaps(b), a.contains(b.network()) || b.contains(a.network()));
            prop_assert_eq!(a.contains_cidr(b) && b.contains_cidr(a), a == b);
        }

        #[test]
        fn left_aligned_bits_lead_back(cidr in any_cidr()) {
            let bits = cidr.left_aligned_bits();
            let back = Cidr::from_left_aligned(cidr.family(), bits, cidr.prefix_len());
            prop_assert_eq!(back, Some(cidr));
        }

        #[test]
        fn offsets_lead_back(cidr in any_cidr(), offset: u128) {
            if let Some(address) = cidr.nth(offset) {
                prop_assert_eq!(cidr.offset_of(address), Some(offset));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,40}") {
            drop(text.parse::<Cidr>());
        }
    }
}
