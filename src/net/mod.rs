//! The vocabulary of addresses: families, prefixes, host and port pairs.
//!
//! Addresses are parsed, compared and formatted here and nowhere else.
