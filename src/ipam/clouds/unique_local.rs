//! Unique local prefixes that anybody can derive again (RFC 4193).

use sha2::{Digest as _, Sha256};

use crate::net::{Cidr, IpFamily};

/// What separates the use of the hash from others.
const LABEL: &[u8] = b"local-ula\0";
/// The length of a site's prefix.
const LENGTH: u8 = 48;

/// The /48 of a site. RFC 4193 wants 40 bits that others do not have as well: here they are the
/// first of SHA-256 over the seed, so that the same seed leads to the same prefix.
pub fn site(seed: &str) -> Cidr {
    let mut hash = Sha256::new();
    hash.update(LABEL);
    hash.update(seed.as_bytes());
    let hash = hash.finalize();
    let bits = hash[..5]
        .iter()
        .fold(0xfd_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    Cidr::from_left_aligned(IpFamily::V6, bits << (128 - LENGTH), LENGTH)
        .expect("the length is one of IPv6")
}
