//! `/version`.

use serde_json::{Value, json};

const MAJOR: &str = "1";
/// The minor that the behaviour vectors track; clients compare it with their own.
const MINOR: &str = "36";

/// The version as `v1.MINOR.0+garden6.embedded`: the build tag says what answers here.
pub(crate) fn git_version() -> String {
    format!("v{MAJOR}.{MINOR}.0+garden6.embedded")
}

/// The document.
pub(crate) fn document() -> Value {
    json!({
        "major": MAJOR,
        "minor": MINOR,
        "gitVersion": git_version(),
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
    })
}
