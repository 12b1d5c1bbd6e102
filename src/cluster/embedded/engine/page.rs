//! Continue tokens: the version of page one and the key after which the next page starts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Key;

/// Where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) version: u64,
    pub(super) after: Key,
}

impl Page {
    /// The token for clients; opaque to them.
    pub(super) fn encode(&self) -> String {
        let token = json!({
            "v": "g6.v1",
            "rv": self.version,
            "ns": self.after.namespace,
            "name": self.after.name,
        });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    /// Reads a token; anything we did not make is refused.
    pub(super) fn decode(token: &str) -> Result<Self, Status> {
        let parse = || {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
            let value: Value = serde_json::from_slice(&bytes).ok()?;
            let text = |member: &str| value[member].as_str().map(str::to_owned);
            (value["v"] == "g6.v1").then_some(())?;
            Some(Self {
                version: value["rv"].as_u64()?,
                after: Key::new(text("ns")?, text("name")?),
            })
        };
        parse().ok_or_else(|| {
            Status::bad_request("continue key is not valid: it was not made by this server")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_garbage_is_a_bad_request() {
        let page = Page {
            version: 7,
            after: Key::new("ns", "a"),
        };
        assert_eq!(Page::decode(&page.encode()).unwrap(), page);
        assert_eq!(Page::decode("garbage").unwrap_err().code, 400);
    }
}
