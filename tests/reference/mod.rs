//! What the product is compared with.

pub(crate) mod go_ipam;
