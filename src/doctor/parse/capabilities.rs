//! Capabilities of a process out of `/proc/self/status`.

/// `CAP_SYS_RESOURCE`: privileged containers ask for it.
pub const SYS_RESOURCE: u32 = 24;
/// `CAP_SYS_MODULE`: loading kernel modules.
pub const SYS_MODULE: u32 = 16;

/// The set that no descendant can exceed (`CapBnd`), as bits.
pub fn bounding_set(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapBnd:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

/// Whether a set has a capability.
pub const fn has(set: u64, capability: u32) -> bool {
    set >> capability & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounding_set_is_read_as_bits() {
        let set = bounding_set("Name:\tx\nCapBnd:\t000001fffeffffff\n").unwrap();
        assert!(!has(set, SYS_RESOURCE));
        assert!(has(set, SYS_MODULE));
        assert_eq!(bounding_set("CapBnd:\tzz"), None);
    }
}
