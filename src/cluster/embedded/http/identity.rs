//! Who sent a request: a client certificate, a bearer token, or nobody.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The group of everyone who proved who they are.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";

/// The user of a request without credentials.
pub(crate) const ANONYMOUS: &str = "system:anonymous";
/// The group of that user.
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";

/// A user name with its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
}

/// A bearer token that stands for a user.
#[derive(Clone)]
pub struct TokenUser {
    /// The secret; compared in constant time.
    pub token: String,
    /// The user it stands for.
    pub name: String,
    /// The groups of the user, besides `system:authenticated`.
    pub groups: Vec<String>,
}

impl std::fmt::Debug for TokenUser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TokenUser")
            .field("name", &self.name)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

/// The static bearer tokens a server knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens(Arc<[TokenUser]>);

impl Tokens {
    pub(crate) fn new(users: Vec<TokenUser>) -> Self {
        Self(users.into())
    }

    /// The user of a token. Every known token is compared, so that time tells nothing.
    pub(crate) fn find(&self, token: &str) -> Option<Identity> {
        let mut found = None;
        for user in self.0.iter() {
            if equal(user.token.as_bytes(), token.as_bytes()) {
                found = Some(user);
            }
        }
        found.map(|user| authenticated(user.name.clone(), user.groups.clone()))
    }
}

/// Reads user and groups from a verified client certificate: CN and every O.
pub(crate) fn from_certificate(certificate: &CertificateDer<'_>) -> Option<Identity> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let subject = certificate.subject();
    let name = subject.iter_common_name().next()?.as_str().ok()?.to_owned();
    let groups = subject
        .iter_organization()
        .filter_map(|organization| organization.as_str().ok())
        .map(str::to_owned)
        .collect();
    Some(authenticated(name, groups))
}

/// Adds the group that every authenticated user has.
pub(crate) fn authenticated(name: String, mut groups: Vec<String>) -> Identity {
    if !groups.iter().any(|group| group == AUTHENTICATED) {
        groups.push(AUTHENTICATED.to_owned());
    }
    Identity { name, groups }
}

fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    left.iter()
        .zip(right)
        .fold(0, |difference, (left, right)| difference | (left ^ right))
        == 0
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::super::authority::Authority;
    use super::*;

    #[test]
    fn the_common_name_is_the_user_and_the_organization_a_group() {
        let now = SystemTime::now();
        let leaf = Authority::generate(now)
            .unwrap()
            .client("admin", Some("system:masters"), now)
            .unwrap();
        assert_eq!(
            from_certificate(&leaf.certificate),
            Some(Identity {
                name: "admin".to_owned(),
                groups: vec!["system:masters".to_owned(), AUTHENTICATED.to_owned()],
            })
        );
    }

    #[test]
    fn only_the_whole_token_is_accepted() {
        let tokens = Tokens::new(vec![TokenUser {
            token: "secret".to_owned(),
            name: "alice".to_owned(),
            groups: Vec::new(),
        }]);
        assert_eq!(tokens.find("secret").unwrap().name, "alice");
        for wrong in ["", "secre", "secret ", "Secret"] {
            assert_eq!(tokens.find(wrong), None, "{wrong:?}");
        }
    }
}
