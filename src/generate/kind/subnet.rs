//! Ranges as Go's `net.ParseCIDR` reads them: host bits are tolerated, blanks are not.

use std::net::IpAddr;

use crate::net::IpFamily;

/// The family of one range, or the reason why it is none.
pub(super) fn family(text: &str) -> Result<IpFamily, String> {
    let Some((address, length)) = text.split_once('/') else {
        return Err(format!("`{text}` has no prefix length"));
    };
    let address: IpAddr = address
        .parse()
        .map_err(|_| format!("`{text}` does not begin with an IP address"))?;
    let bits: u32 = if address.is_ipv4() { 32 } else { 128 };
    let digits =
        !length.is_empty() && length.len() <= 3 && length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse::<u32>() {
        Ok(length) if digits && length <= bits => Ok(IpFamily::of(address.to_canonical())),
        _ => Err(format!(
            "the prefix length of `{text}` is not a number from 0 to {bits}"
        )),
    }
}

/// The families of a comma separated list; nothing is trimmed.
pub(super) fn families(list: &str) -> Result<Vec<IpFamily>, String> {
    list.split(',').map(family).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_bits_are_tolerated() {
        assert_eq!(family("fd00:10:1::5/48"), Ok(IpFamily::V6));
        assert_eq!(family("10.0.0.1/8"), Ok(IpFamily::V4));
    }

    #[test]
    fn blanks_brackets_and_odd_lengths_are_refused() {
        for text in [
            "fd00::/64 ",
            " fd00::/64",
            "[fd00::]/64",
            "fd00::",
            "fd00::/129",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "010.0.0.0/8",
        ] {
            assert!(family(text).is_err(), "{text}");
        }
        assert!(families("fd00::/64, 10.0.0.0/8").is_err());
    }
}
