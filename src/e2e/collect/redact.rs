//! Removing secrets from text that others will read.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::Value;

/// What stands where a secret was.
const MARK: &str = "<redacted>";

struct Rule {
    pattern: Regex,
    /// The group that is kept; everything else of the match is the secret.
    keeps_prefix: bool,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |pattern: &str, keeps_prefix| Rule {
        pattern: Regex::new(pattern).expect("built-in patterns are valid"),
        keeps_prefix,
    };
    vec![
        // PEM blocks of any kind of private key, also when the line ends are escaped.
        rule(
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
            false,
        ),
        // A private key in base64, as kubeconfigs carry it (`-----BEGIN` encodes to this).
        rule(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{64,}", false),
        // JSON web tokens.
        rule(
            r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
            false,
        ),
        rule(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", true),
        // Fields of kubeconfigs and of Docker's configuration.
        rule(
            r#"(?i)("?\b(?:client-key-data|client-certificate-data|token|id-token|refresh-token|access-token|password|auth|identitytoken)"?\s*[:=]\s*"?)[^\s",}]+"#,
            true,
        ),
    ]
});

/// Replaces what looks like a key, a token or a password.
pub fn redact(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for rule in RULES.iter() {
        let replaced = rule.pattern.replace_all(&text, |found: &Captures<'_>| {
            let prefix = if rule.keeps_prefix { &found[1] } else { "" };
            format!("{prefix}{MARK}")
        });
        if let Cow::Owned(replaced) = replaced {
            text = Cow::Owned(replaced);
        }
    }
    text.into_owned()
}

/// Replaces the values of a Secret object, keeping its keys and the sizes.
pub(super) fn redact_secret(object: &mut Value) {
    for field in ["data", "stringData"] {
        let Some(values) = object.get_mut(field).and_then(Value::as_object_mut) else {
            continue;
        };
        for value in values.values_mut() {
            let size = value.as_str().map_or(0, str::len);
            *value = Value::String(format!("{MARK} ({size} characters)"));
        }
    }
    // kubectl keeps a copy of everything, values included.
    if let Some(annotations) = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
        && let Some(copy) = annotations.get_mut("kubectl.kubernetes.io/last-applied-configuration")
    {
        *copy = Value::String(MARK.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "c4naryc4naryc4nary";

    #[test]
    fn no_canary_survives() {
        let base64 = format!("LS0tLS1CRUdJTi{}", CANARY.repeat(8));
        for text in [
            format!("-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----"),
            format!(r"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----"),
            format!("client-key-data: {base64}"),
            format!("tls.key: {base64}"),
            format!("Authorization: Bearer {CANARY}"),
            format!("authorization: basic {CANARY}"),
            format!("token: {CANARY}"),
            format!(r#"{{"auths":{{"registry":{{"auth":"{CANARY}"}}}}}}"#),
            format!("password={CANARY}"),
            format!("got eyJhbGciOiJSUzI1NiJ9.eyJ{CANARY}.{CANARY}"),
        ] {
            let redacted = redact(&text);
            assert!(!redacted.contains(CANARY), "{redacted}");
            assert!(redacted.contains(MARK), "{redacted}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "clusterIP: fd00:10:2::1",
            "secretRef: {name: dnsrecord-local}",
            "message: the token bucket is empty",
            "certificate-authority: /etc/ca.crt",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn secrets_keep_their_keys_only() {
        let mut secret = serde_json::json!({
            "kind": "Secret",
            "metadata": {"annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": CANARY,
            }},
            "data": {"tls.key": CANARY},
            "stringData": {"user": CANARY},
        });
        redact_secret(&mut secret);
        let text = secret.to_string();
        assert!(!text.contains(CANARY), "{text}");
        assert!(text.contains("tls.key") && text.contains("(18 characters)"));
    }
}
