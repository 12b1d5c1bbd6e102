//! Who gives tokens for a registry.

use reqwest::{
    Url,
    header::{HeaderMap, WWW_AUTHENTICATE},
};

/// The address of the token service, asked for a token that reads a repository.
pub(super) fn token_url(headers: &HeaderMap, repository: Option<&str>) -> Option<Url> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter();
    let mut texts = values.filter_map(|value| value.to_str().ok());
    let bearer = texts.find_map(|text| {
        let (scheme, rest) = text.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(rest)
    })?;
    let mut url: Url = parameter(bearer, "realm")?.parse().ok()?;
    if let Some(service) = parameter(bearer, "service") {
        url.query_pairs_mut().append_pair("service", service);
    }
    if let Some(repository) = repository {
        let scope = format!("repository:{repository}:pull");
        url.query_pairs_mut().append_pair("scope", &scope);
    }
    Some(url)
}

/// The value of `name="value"`.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if key
            .trim_start_matches([',', ' '])
            .eq_ignore_ascii_case(name)
        {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
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
