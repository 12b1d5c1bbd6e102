//! One version of one object, immutable once committed.

use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

/// One version of one object: the JSON tree and, once somebody asked, its bytes.
#[derive(Debug)]
pub struct Object {
    value: Value,
    version: u64,
    bytes: OnceLock<Bytes>,
}

impl Object {
    /// Wraps a finished tree; `version` is what its `metadata.resourceVersion` says.
    pub fn new(value: Value, version: u64) -> Self {
        Self {
            value,
            version,
            bytes: OnceLock::new(),
        }
    }

    /// The JSON tree.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The version at which it was written.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The compact JSON text, encoded on first use and shared by every reader after that.
    pub fn bytes(&self) -> Bytes {
        self.bytes
            .get_or_init(|| {
                Bytes::from(
                    serde_json::to_vec(&self.value).expect("invariant: a JSON tree always encodes"),
                )
            })
            .clone()
    }

    /// `metadata.name`, or empty.
    pub fn name(&self) -> &str {
        self.metadata("name")
    }

    /// `metadata.namespace`, or empty.
    pub fn namespace(&self) -> &str {
        self.metadata("namespace")
    }

    /// `metadata.uid`, or empty.
    pub fn uid(&self) -> &str {
        self.metadata("uid")
    }

    /// A text member of `metadata`, or empty.
    pub fn metadata(&self, member: &str) -> &str {
        self.value
            .get("metadata")
            .and_then(|metadata| metadata.get(member))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}
