//! What opens a registry.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;

/// A secret; it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// User and password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A token that is exchanged for access tokens (OAuth 2.0 refresh token).
    Identity {
        /// The token.
        token: String,
    },
    /// A token that the registry takes as it is.
    Registry {
        /// The token.
        token: String,
    },
}

impl Credential {
    /// `Authorization` for the registry itself, or for who gives tokens; nothing for an identity token.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Password { user, password } => {
                let text = STANDARD.encode(format!("{user}:{password}"));
                secret(&format!("Basic {text}"))
            }
            Self::Registry { token } => bearer(token),
            Self::Identity { .. } => None,
        }
    }
}

/// `Authorization` with a token.
pub(super) fn bearer(token: &str) -> Option<HeaderValue> {
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Password { .. } => "Password",
            Self::Identity { .. } => "Identity",
            Self::Registry { .. } => "Registry",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_logs() {
        let credential = Credential::Password {
            user: "robot".to_owned(),
            password: "geheim".to_owned(),
        };
        assert_eq!(
            format!("{credential:?} {:?}", credential.header()),
            "Password Some(Sensitive)"
        );
        assert_eq!(credential.header().unwrap(), "Basic cm9ib3Q6Z2VoZWlt");
    }
}
