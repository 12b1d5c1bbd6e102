//! Public addresses behind other ones, so that what overlapped still overlaps.
//!
//! The map is the one of Xu, Fan, Ammar and Moon ("Prefix-preserving IP address anonymization",
//! 2002): whether a bit is flipped depends on a key and on the bits before it. Two addresses that
//! share a prefix share one of the same length afterwards.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};

/// What may be an address, with a length behind it.
static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)([0-9a-f]*:[0-9a-f:.]*[0-9a-f:]|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(?:/([0-9]{1,3}))?",
    )
    .expect("the pattern is well-formed")
});
/// An address of a network card (IEEE 802).
static MAC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b([0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2})(?:[:-][0-9a-f]{2}){3}\b")
        .expect("the pattern is well-formed")
});

/// The secret that decides which bits are flipped.
#[derive(Clone, Copy, Debug)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// A key that nobody else has and that is forgotten afterwards.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().into_bytes())
    }

    /// Replaces every public address and every serial number of a network card in a text.
    pub fn hide(self, text: &str) -> String {
        let text = MAC.replace_all(text, "$1:00:00:00");
        CANDIDATE
            .replace_all(&text, |found: &Captures<'_>| self.hide_one(found))
            .into_owned()
    }

    fn hide_one(self, found: &Captures<'_>) -> String {
        let whole = found[0].to_owned();
        let Ok(address) = found[1].parse::<IpAddr>() else {
            return whole;
        };
        let length: Option<u8> = found.get(2).and_then(|text| text.as_str().parse().ok());
        let hidden = self.address(address, length);
        if hidden == address {
            return whole;
        }
        length.map_or_else(|| hidden.to_string(), |length| format!("{hidden}/{length}"))
    }

    /// The address that stands for `address`. Host bits that are zero stay zero, because a prefix
    /// is written that way.
    pub fn address(self, address: IpAddr, length: Option<u8>) -> IpAddr {
        match address {
            IpAddr::V4(v4) => {
                let kept = kept_of_v4(v4);
                let Some(kept) = kept else { return address };
                let bits = u128::from(v4.to_bits()) << 96;
                let mapped = self.map(bits, kept, bits_to_map(bits, 32, length));
                let mapped = u32::try_from(mapped >> 96).unwrap_or_default();
                IpAddr::V4(Ipv4Addr::from_bits(mapped))
            }
            IpAddr::V6(v6) => {
                let bits = without_serial(v6.to_bits());
                let Some(kept) = kept_of_v6(v6) else {
                    return IpAddr::V6(Ipv6Addr::from_bits(bits));
                };
                let mapped = self.map(bits, kept, bits_to_map(bits, 128, length));
                IpAddr::V6(Ipv6Addr::from_bits(mapped))
            }
        }
    }

    /// Flips bits from `from` up to `to`, counted from the most significant one.
    fn map(self, bits: u128, from: u32, to: u32) -> u128 {
        let mut mapped = bits;
        for index in from..to {
            let before = if index == 0 { 0 } else { bits >> (128 - index) };
            let mut hash = Sha256::new();
            hash.update(self.0);
            hash.update(index.to_be_bytes());
            hash.update(before.to_be_bytes());
            let flip = u128::from(hash.finalize()[0] & 1);
            mapped ^= flip << (127 - index);
        }
        mapped
    }
}

/// A prefix is mapped up to its length, an address as a whole.
fn bits_to_map(bits: u128, width: u32, length: Option<u8>) -> u32 {
    let length = length.map_or(width, u32::from).min(width);
    let behind = if length == 128 { 0 } else { bits << length };
    if behind == 0 { length } else { width }
}

/// How many leading bits stay so that the result is as public as the address was; none where the
/// address is not public and stays as it is.
fn kept_of_v4(address: Ipv4Addr) -> Option<u32> {
    let [first, second, ..] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_documentation()
        || first == 0
        || first >= 224
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second));
    if special {
        return None;
    }
    // Parts of these belong to somebody special, whom a public address must not become.
    Some(if matches!(first, 100 | 169 | 172 | 192 | 198 | 203) {
        16
    } else {
        8
    })
}

fn kept_of_v6(address: Ipv6Addr) -> Option<u32> {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let special = !global || (first == 0x2001 && (second == 0xdb8 || second < 0x200));
    if special {
        return None;
    }
    Some(if matches!(first, 0x2001 | 0x2002 | 0x3fff) {
        32
    } else {
        12
    })
}

/// An interface identifier made of a MAC (RFC 4291 appendix A) keeps its manufacturer only.
const fn without_serial(bits: u128) -> u128 {
    if (bits >> 24) & 0xffff == 0xfffe {
        bits & !0xff_ffff
    } else {
        bits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: Key = Key(*b"0123456789abcdef");

    #[test]
    fn what_is_not_public_stays() {
        for text in [
            "::1 localhost",
            "127.0.0.53 10.1.2.3/8 172.18.0.0/16 192.168.1.1 100.64.0.1 0.0.0.0",
            "fd00:10::/64 fe80::1%eth0 2001:db8::1 64:ff9b::/96 ::/0 ff02::1",
            "at 12:30:45, version 28.5.2",
        ] {
            assert_eq!(KEY.hide(text), text);
        }
    }

    #[test]
    fn public_addresses_go_and_overlaps_stay() {
        let text =
            "8.8.8.8 8.8.0.0/16 2600:1f00:1:2::/64 2600:1f00:1:2::5/64 [2600:1f00:1:2::5]:80";
        let hidden = KEY.hide(text);
        for gone in ["8.8.8.8", "2600:1f00"] {
            assert!(!hidden.contains(gone), "{hidden}");
        }
        let words: Vec<&str> = hidden.split(' ').collect();
        let prefix: crate::net::Cidr = words[2].parse().unwrap();
        let address: IpAddr = words[3].split('/').next().unwrap().parse().unwrap();
        assert!(prefix.contains(address), "{hidden}");
        assert_eq!(words[4], format!("[{address}]:80"));
        assert_eq!(KEY.hide(text), hidden, "the same key gives the same map");
    }

    #[test]
    fn network_cards_keep_their_manufacturer_only() {
        assert_eq!(
            KEY.hide("link 52:54:00:ab:cd:ef up"),
            "link 52:54:00:00:00:00 up"
        );
        assert_eq!(KEY.hide("fe80::5054:ff:feab:cdef"), "fe80::5054:ff:fe00:0");
    }

    proptest! {
        #[test]
        fn shared_prefixes_keep_their_length(left: u128, right: u128, length in 0_u32..=128) {
            let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
            let base = 0x2600_u128 << 112;
            let narrow = |bits: u128| (bits >> 16) | base;
            let left = narrow(left);
            let right = narrow((left & mask) | (right & !mask));
            let of = |bits| match KEY.address(IpAddr::V6(Ipv6Addr::from_bits(bits)), None) {
                IpAddr::V6(address) => address.to_bits(),
                IpAddr::V4(_) => 0,
            };
            // Serial numbers are cut off before the map.
            let shared = (without_serial(left) ^ without_serial(right)).leading_zeros();
            prop_assert_eq!((of(left) ^ of(right)).leading_zeros(), shared);
        }

        #[test]
        fn a_public_address_stays_public(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let IpAddr::V4(hidden) = KEY.address(IpAddr::V4(address), None) else { panic!() };
            prop_assert_eq!(kept_of_v4(hidden).is_some(), kept_of_v4(address).is_some());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            KEY.hide(&text);
        }
    }
}
