//! A document in bytes, with its tag.

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A document in bytes, with its tag.
#[derive(Debug, Clone)]
pub(crate) struct Cached {
    pub(crate) bytes: Bytes,
    /// Upper-case hexadecimal digest of the bytes.
    pub(crate) tag: String,
}

impl Cached {
    pub(super) fn new(document: &Value) -> Self {
        let bytes = Bytes::from(document.to_string());
        Self {
            tag: tag(&bytes),
            bytes,
        }
    }
}

/// The digest of some bytes in upper-case hexadecimal.
pub(super) fn tag(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).get(..20).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let pairs = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    pairs.map(|digit| digit.to_ascii_uppercase()).collect()
}
