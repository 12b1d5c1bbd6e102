//! `WWW-Authenticate` (RFC 9110 section 11.6.1): which ways in a registry offers.

use http::{HeaderMap, header::WWW_AUTHENTICATE};

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mirror) enum Challenge {
    /// User and password with every request (RFC 7617).
    Basic,
    /// A token from somebody else (distribution specification, "Token Authentication").
    Bearer {
        /// Who gives tokens.
        realm: String,
        /// What the registry is called there.
        service: Option<String>,
        /// What the request would have needed.
        scope: Option<String>,
    },
}

/// The best way in that we know; a token is better than a password with every request.
pub(in crate::mirror) fn best(headers: &HeaderMap) -> Option<Challenge> {
    let offered = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(parse);
    let mut basic = None;
    for (scheme, parameters) in offered {
        let parameter = |name: &str| {
            let mut found = parameters.iter().filter(|(key, _)| key == name);
            found.next().map(|(_, value)| value.clone())
        };
        match scheme.as_str() {
            "bearer" => {
                if let Some(realm) = parameter("realm") {
                    return Some(Challenge::Bearer {
                        realm,
                        service: parameter("service"),
                        scope: parameter("scope"),
                    });
                }
            }
            "basic" => basic = Some(Challenge::Basic),
            _ => {}
        }
    }
    basic
}

type Offer = (String, Vec<(String, String)>);

/// The challenges of one header: schemes in lower case with their parameters.
fn parse(text: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for part in split_outside_quotes(text) {
        let part = part.trim();
        let Some((left, value)) = part.split_once('=') else {
            let scheme = part.split_ascii_whitespace().next();
            offers.extend(scheme.map(|scheme| (scheme.to_ascii_lowercase(), Vec::new())));
            continue;
        };
        // `Bearer realm="…"` begins a challenge, `service="…"` goes on with it.
        let mut key = left.trim();
        if let Some((scheme, first)) = key.split_once(char::is_whitespace) {
            offers.push((scheme.to_ascii_lowercase(), Vec::new()));
            key = first.trim();
        }
        if let Some((_, parameters)) = offers.last_mut() {
            parameters.push((key.to_ascii_lowercase(), unquote(value.trim())));
        }
    }
    offers
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut quoted, mut escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(character);
            escaped = false;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(values: &[&str]) -> Option<Challenge> {
        let pairs = values
            .iter()
            .map(|value| (WWW_AUTHENTICATE, value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        best(&headers)
    }

    #[test]
    fn a_token_is_preferred_wherever_it_is_offered() {
        let bearer = Challenge::Bearer {
            realm: "https://auth.reg.io/token?a=b,c".to_owned(),
            service: Some("reg\"io".to_owned()),
            scope: Some("repository:a/b:pull,push".to_owned()),
        };
        let text = r#"Bearer realm="https://auth.reg.io/token?a=b,c",service="reg\"io",scope="repository:a/b:pull,push""#;
        for values in [
            vec![text.to_owned()],
            vec![format!(r#"Basic realm="x, y", {text}"#)],
            vec![
                "Negotiate".to_owned(),
                "basic realm=x".to_owned(),
                text.to_owned(),
            ],
            vec![text.replacen("Bearer", "bearer", 1)],
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            assert_eq!(best_of(&values), Some(bearer.clone()), "{values:?}");
        }
    }

    #[test]
    fn a_password_is_asked_for_by_name_and_other_ways_are_not_known() {
        assert_eq!(
            best_of(&[r#"Basic realm="Registry""#]),
            Some(Challenge::Basic)
        );
        assert_eq!(best_of(&["Basic"]), Some(Challenge::Basic));
        assert_eq!(best_of(&["Negotiate", "Digest realm=x"]), None);
        assert_eq!(best_of(&["Bearer service=x"]), None);
        assert_eq!(best_of(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_the_parser_panic(text in "[ -~]{0,60}") {
            parse(&text);
        }
    }
}
