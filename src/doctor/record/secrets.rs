//! What nobody but its owner may read: passwords in URLs, tokens in settings.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// What stands instead.
pub(super) const INSTEAD: &str = "redacted";

static IN_URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\s]+@").expect("the pattern is well-formed")
});
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)([\w-]*(?:token|passw|secret|credential|api-?key)[\w-]*["']?\s*[:=]\s*["']?)[^"',\s]+"#)
        .expect("the pattern is well-formed")
});
static BARE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[^/@\s]+:[^/@\s]*@").expect("the pattern is well-formed"));

/// A text without passwords.
pub(super) fn hide(text: &str) -> String {
    let text = IN_URL.replace_all(text, "$1");
    ASSIGNED
        .replace_all(&text, format!("${{1}}{INSTEAD}"))
        .into_owned()
}

/// A proxy without its password, also where the scheme is left out.
pub(super) fn proxy(text: &str) -> String {
    BARE.replace(&hide(text), "").into_owned()
}

/// JSON without passwords, wherever they are in it.
pub(super) fn hide_in(value: &mut Value) {
    match value {
        Value::String(text) => *text = hide(text),
        Value::Array(list) => list.iter_mut().for_each(hide_in),
        Value::Object(map) => {
            for (key, value) in map {
                if is_secret(key) && !value.is_boolean() {
                    *value = Value::from(INSTEAD);
                } else {
                    hide_in(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    [
        "token",
        "passw",
        "secret",
        "credential",
        "api-key",
        "apikey",
    ]
    .iter()
    .any(|part| key.contains(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passwords_go_and_hosts_stay() {
        for (text, expected) in [
            ("http://u:p@proxy.example:3128", "http://proxy.example:3128"),
            ("http://token@[fd00::1]:3128/", "http://[fd00::1]:3128/"),
            ("http://proxy.example/a@b", "http://proxy.example/a@b"),
            (
                "--log-opt=splunk-token=abc --x=1",
                "--log-opt=splunk-token=redacted --x=1",
            ),
            (
                "{\"password\": \"abc\", \"a\": 1",
                "{\"password\": \"redacted\", \"a\": 1",
            ),
        ] {
            assert_eq!(hide(text), expected);
        }
        assert_eq!(proxy("u:p@proxy:3128"), "proxy:3128");
        assert_eq!(proxy("proxy:3128"), "proxy:3128");
    }

    #[test]
    fn settings_are_searched_to_the_bottom() {
        let mut value = json!({"log-opts": {"splunk-token": "x"}, "proxies": {"http-proxy": "http://u:p@h"}, "list": ["https://a:b@c"]});
        hide_in(&mut value);
        assert_eq!(
            value,
            json!({"log-opts": {"splunk-token": "redacted"}, "proxies": {"http-proxy": "http://h"}, "list": ["https://c"]})
        );
    }
}
