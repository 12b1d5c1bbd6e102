//! The router ID that calico makes of a node's name with `CALICO_ROUTER_ID=hash`.

use std::net::Ipv4Addr;

use sha2::{Digest as _, Sha256};

/// The largest first octet of an address that is no multicast address.
const LARGEST_FIRST_OCTET: u8 = 223;

/// The router ID of a node: the first four bytes of the hash of its name, kept out of the
/// multicast range.
pub fn of_node(name: &str) -> Ipv4Addr {
    let hash = Sha256::digest(name);
    let [mut first, second, third, fourth] = std::array::from_fn(|index| hash[index]);
    if first > LARGEST_FIRST_OCTET {
        first -= 32;
    }
    Ipv4Addr::new(first, second, third, fourth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_depends_on_the_name_alone() {
        assert_eq!(of_node("kind-control-plane").to_string(), "23.43.100.150");
        assert_eq!(of_node("nodeTest").to_string(), "109.174.215.226");
    }
}
