//! IPv6 addresses that stand for IPv4 ones (RFC 6052), and how a network says which they are (RFC 7050).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The name whose IPv6 addresses exist only where there is a translator.
pub(super) const WELL_KNOWN_NAME: &str = "ipv4only.arpa";
/// Its IPv4 addresses.
const WELL_KNOWN: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];
/// The prefix that needs no discovery.
const WELL_KNOWN_PREFIX: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
/// The lengths that a prefix can have.
const LENGTHS: [u32; 6] = [32, 40, 48, 56, 64, 96];

/// The prefixes of the translators of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translators(Vec<(Ipv6Addr, u32)>);

impl Translators {
    /// From the addresses of the well-known name.
    pub(super) fn from_answers(answers: &[IpAddr]) -> Self {
        let mut prefixes = vec![WELL_KNOWN_PREFIX];
        for answer in answers {
            let IpAddr::V6(address) = answer else {
                continue;
            };
            let length = LENGTHS
                .into_iter()
                .find(|length| WELL_KNOWN.contains(&embedded(*address, *length)));
            if let Some(length) = length {
                prefixes.push((masked(*address, length), length));
            }
        }
        prefixes.dedup();
        Self(prefixes)
    }

    /// Whether an address is one of IPv4 behind a translator.
    pub(super) fn translate(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V6(address) => {
                let mut prefixes = self.0.iter();
                prefixes.any(|(prefix, length)| masked(address, *length) == *prefix)
            }
            IpAddr::V4(_) => false,
        }
    }
}

fn masked(address: Ipv6Addr, length: u32) -> Ipv6Addr {
    (address.to_bits() & (u128::MAX << (128 - length))).into()
}

/// The IPv4 address behind a prefix. Bits 64 to 71 are not used (RFC 6052 section 2.2).
fn embedded(address: Ipv6Addr, length: u32) -> Ipv4Addr {
    let mut octets = address.octets().to_vec();
    let start = (length / 8) as usize;
    if length < 96 {
        octets.remove(8);
    }
    let start = if length == 64 { 8 } else { start };
    let mut found = [0; 4];
    found.copy_from_slice(&octets[start..start + 4]);
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn prefixes_of_every_length_are_recognised() {
        // The examples of RFC 6052 section 2.4, with the address of the well-known name.
        for (answer, inside, outside) in [
            ("2001:db8:c000:aa::", "2001:db8:1::", "2001:db9::"),
            ("2001:db8:1c0:0:aa::", "2001:db8:1ff::", "2001:db8:200::"),
            (
                "2001:db8:122:c000:0:aa00::",
                "2001:db8:122:1::",
                "2001:db8:123::",
            ),
            (
                "2001:db8:122:3c0:0:aa::",
                "2001:db8:122:3ff::",
                "2001:db8:122:400::",
            ),
            (
                "2001:db8:122:344:c0:0:aa00::",
                "2001:db8:122:344:1::",
                "2001:db8:122:345::",
            ),
            (
                "2001:db8:122:344::c000:aa",
                "2001:db8:122:344::808:808",
                "2001:db8:122:344:1::",
            ),
        ] {
            let translators = Translators::from_answers(&[ip(answer)]);
            assert!(translators.translate(ip(inside)), "{answer} {inside}");
            assert!(!translators.translate(ip(outside)), "{answer} {outside}");
        }
    }

    #[test]
    fn without_an_answer_only_the_well_known_prefix_counts() {
        let translators = Translators::from_answers(&[ip("192.0.0.170")]);
        assert!(translators.translate(ip("64:ff9b::808:808")));
        assert!(!translators.translate(ip("2001:db8::1")));
        assert!(!translators.translate(ip("8.8.8.8")));
    }
}
