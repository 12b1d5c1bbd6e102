//! Prefixes that have a meaning of their own everywhere (IANA special-purpose registries).

use std::fmt;

use super::Cidr;

/// Why a prefix cannot carry pods, services or nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialUse {
    /// "This network" and the unspecified address (RFC 791, RFC 4291).
    Unspecified,
    /// The host itself (RFC 1122, RFC 4291).
    Loopback,
    /// One link, never routed (RFC 3927, RFC 4291).
    LinkLocal,
    /// Groups (RFC 5771, RFC 4291).
    Multicast,
    /// IPv4 addresses in IPv6 clothes (RFC 4291, section 2.5.5.2).
    Mapped,
}

const SPECIAL: [(&str, SpecialUse); 9] = [
    ("0.0.0.0/8", SpecialUse::Unspecified),
    ("127.0.0.0/8", SpecialUse::Loopback),
    ("169.254.0.0/16", SpecialUse::LinkLocal),
    ("224.0.0.0/4", SpecialUse::Multicast),
    ("::/128", SpecialUse::Unspecified),
    ("::1/128", SpecialUse::Loopback),
    ("::ffff:0:0/96", SpecialUse::Mapped),
    ("fe80::/10", SpecialUse::LinkLocal),
    ("ff00::/8", SpecialUse::Multicast),
];

impl SpecialUse {
    /// The special use that a prefix, or a part of it, has.
    pub fn of(cidr: Cidr) -> Option<Self> {
        SPECIAL
            .into_iter()
            .find(|(text, _)| {
                let special: Cidr = text.parse().expect("the table holds canonical prefixes");
                special.overlaps(cidr)
            })
            .map(|(_, special)| special)
    }
}

impl fmt::Display for SpecialUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Mapped => "IPv4-mapped",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_that_touches_a_special_one_is_special() {
        for (text, expected) in [
            ("fd00:10::/64", None),
            ("10.0.0.0/15", None),
            ("2001:db8::/32", None),
            ("fe80::/64", Some(SpecialUse::LinkLocal)),
            ("ff05::/112", Some(SpecialUse::Multicast)),
            ("::/108", Some(SpecialUse::Unspecified)),
            ("::1/128", Some(SpecialUse::Loopback)),
            ("::ffff:10.0.0.0/104", Some(SpecialUse::Mapped)),
            ("168.0.0.0/6", Some(SpecialUse::LinkLocal)),
            ("239.0.0.0/16", Some(SpecialUse::Multicast)),
        ] {
            assert_eq!(SpecialUse::of(text.parse().unwrap()), expected, "{text}");
        }
    }
}
