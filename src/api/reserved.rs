//! Ranges that Gardener keeps for itself.

/// The VPN between Seed and Shoot, and the ranges that it maps clashing IPv4 networks to.
pub(super) const UPSTREAM: [&str; 6] = [
    "fd8f:6d53:b97a:1::/96",
    "240.0.0.0/8",
    "241.0.0.0/8",
    "242.0.0.0/8",
    "243.0.0.0/8",
    "244.0.0.0/8",
];

/// The VPN of the time of GEP-21, one range per family.
pub(super) const GEP21: [&str; 2] = ["192.168.123.0/24", "fd8f:6d53:b97a:1::/120"];
