//! Who gives tokens for a registry.

use http::HeaderMap;
use reqwest::Url;

use crate::mirror::auth::challenge::{Challenge, best};

/// The address of the token service, asked for a token that reads a repository.
pub(super) fn token_url(headers: &HeaderMap, repository: Option<&str>) -> Option<Url> {
    let Challenge::Bearer { realm, service, .. } = best(headers)? else {
        return None;
    };
    let mut url: Url = realm.parse().ok()?;
    if let Some(service) = service {
        url.query_pairs_mut().append_pair("service", &service);
    }
    if let Some(repository) = repository {
        let scope = format!("repository:{repository}:pull");
        url.query_pairs_mut().append_pair("scope", &scope);
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use http::header::WWW_AUTHENTICATE;

    use super::*;

    fn url(header: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, header.parse().unwrap());
        token_url(&headers, Some("library/alpine")).map(String::from)
    }

    #[test]
    fn the_realm_is_asked_for_a_token_that_reads() {
        assert_eq!(
            url("Bearer service=\"registry.docker.io\", realm=\"https://auth.docker.io/token\"")
                .as_deref(),
            Some(
                "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Falpine%3Apull"
            )
        );
        assert_eq!(url("Basic realm=\"x\""), None);
        assert_eq!(url("Bearer realm=\"nonsense\""), None);
    }
}
