//! The shape of a vector. A member that is not known here makes the vector fail.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vector {
    #[expect(dead_code, reason = "the id was read before the vector was parsed")]
    id: String,
    #[expect(dead_code, reason = "documentation of the vector")]
    area: String,
    needs: Vec<Need>,
    #[expect(dead_code, reason = "documentation of the vector")]
    verified: Vec<String>,
    #[serde(default)]
    pub(super) since: Option<String>,
    #[expect(dead_code, reason = "documentation of the vector")]
    #[serde(default)]
    clients: Vec<String>,
    #[expect(dead_code, reason = "documentation of the vector")]
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    pub(super) setup: Vec<Step>,
    pub(super) request: Request,
    #[serde(default)]
    pub(super) expect: Option<Expect>,
    #[serde(default)]
    pub(super) during: Vec<Step>,
    #[serde(default)]
    pub(super) then: Vec<Step>,
    #[serde(default)]
    pub(super) capture: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) capture_header: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) retry: Option<f64>,
    #[serde(default)]
    pub(super) timeout: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Need {
    Crd,
    Core,
    Ctrl,
    Auth,
    Wl,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) request: Option<Request>,
    #[serde(default)]
    pub(super) expect: Option<Expect>,
    #[serde(default)]
    pub(super) during: Vec<Self>,
    #[serde(default)]
    pub(super) capture: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) capture_header: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) retry: Option<f64>,
    #[serde(default)]
    pub(super) timeout: Option<f64>,
    #[serde(default)]
    pub(super) sleep: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) raw: Option<String>,
    #[serde(default)]
    pub(super) raw_base64: Option<String>,
    #[serde(default, rename = "as")]
    pub(super) user: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    #[serde(default)]
    pub(super) code: Option<u16>,
    #[serde(default)]
    pub(super) code_in: Vec<u16>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) no_headers: Vec<String>,
    #[serde(default)]
    pub(super) body: Vec<Value>,
    #[serde(default)]
    pub(super) text: Vec<String>,
    #[serde(default)]
    pub(super) events: Option<Vec<Event>>,
    #[serde(default)]
    pub(super) events_exact: bool,
    #[serde(default)]
    pub(super) closed_within: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) body: Vec<Value>,
}

impl Vector {
    /// The main request as a step like the others.
    pub(super) fn main_step(&self) -> Step {
        Step {
            request: Some(self.request.clone()),
            expect: self.expect.clone(),
            during: self.during.clone(),
            capture: self.capture.clone(),
            capture_header: self.capture_header.clone(),
            retry: self.retry,
            timeout: self.timeout,
            sleep: None,
        }
    }

    /// Whether namespaces of the vector have to exist; custom resources alone need none upstream,
    /// but a server with built-in kinds checks.
    pub(super) fn needs_nothing(&self) -> bool {
        self.needs.is_empty()
    }
}

/// Whether a minor version such as `1.30` is one that the control plane claims to follow.
pub(super) fn applies(since: Option<&str>) -> bool {
    const CLAIMED: u32 = 36;
    let minor = since
        .and_then(|since| since.split_once('.'))
        .and_then(|(_, minor)| minor.parse::<u32>().ok());
    minor.is_none_or(|minor| minor <= CLAIMED)
}
