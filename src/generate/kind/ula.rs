//! The IPv6 range kind gives to a container network that it creates itself.

use std::net::Ipv6Addr;

use sha1::{Digest as _, Sha1};

use crate::net::Cidr;

/// The range for a network name and an attempt number.
///
/// It is `fc00` followed by bytes two to seven of the SHA-1 of the name and the attempt (four bytes,
/// little endian). RFC 4193 leaves `fc00::/8` undefined, so we never choose such a range ourselves, but
/// have to know it when we meet it.
pub fn network_subnet(network: &str, attempt: i32) -> Cidr {
    let mut hash = Sha1::new();
    hash.update(network.as_bytes());
    hash.update(attempt.to_le_bytes());
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes[0] = 0xfc;
    bytes[2..8].copy_from_slice(&digest[2..8]);
    Cidr::containing(Ipv6Addr::from(bytes).into(), 64)
        .expect("invariant: 64 is a prefix length of IPv6")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_network_has_the_well_known_range() {
        assert_eq!(
            network_subnet("kind", 0).to_string(),
            "fc00:f853:ccd:e793::/64"
        );
        assert_eq!(
            network_subnet("kind", 1).to_string(),
            "fc00:8866:27d0:bd7e::/64"
        );
    }
}
