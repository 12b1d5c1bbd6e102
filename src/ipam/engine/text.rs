//! Prefixes and addresses as people and other programs write them.

use std::net::{IpAddr, Ipv6Addr};

use super::EngineError;
use crate::net::{Cidr, CidrError};

/// Reads a prefix; host bits are cleared, so that every spelling means the same prefix.
pub fn prefix(text: &str) -> Result<Cidr, EngineError> {
    match text.parse() {
        Ok(cidr) | Err(CidrError::HostBits { network: cidr, .. }) => Ok(cidr),
        Err(error) => Err(EngineError::InvalidPrefix(error)),
    }
}

/// Reads an address.
pub fn address(text: &str) -> Result<IpAddr, EngineError> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let text = text.to_owned();
    let zoned = text
        .split_once('%')
        .is_some_and(|(address, zone)| !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok());
    Err(if zoned {
        EngineError::Zoned { text }
    } else {
        EngineError::InvalidAddress { text }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_prefix_is_the_same_prefix() {
        assert_eq!(prefix("10.0.3.5/24"), prefix("10.0.3.0/24"));
        assert!(matches!(
            prefix("010.0.0.0/8"),
            Err(EngineError::InvalidPrefix(_))
        ));
    }

    #[test]
    fn a_zone_is_told_from_nonsense() {
        assert!(matches!(
            address("fe80::1%eth0"),
            Err(EngineError::Zoned { .. })
        ));
        for text in ["fe80::1%", "10.0.0.1%eth0", "10.0.0.1.invalid", ""] {
            let error = address(text).unwrap_err();
            assert!(
                matches!(error, EngineError::InvalidAddress { .. }),
                "{text}"
            );
        }
    }
}
