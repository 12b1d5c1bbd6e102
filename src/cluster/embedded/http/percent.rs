//! Percent decoding of paths and queries (RFC 3986).

/// Decodes one path segment; `None` when it is not UTF-8 after decoding or an escape is broken.
pub(crate) fn segment(text: &str) -> Option<String> {
    decode(text, Plus::Literal)
}

/// Splits a query string into its decoded pairs, in order.
pub(crate) fn query(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(key, Plus::Space)?, decode(value, Plus::Space)?))
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plus {
    Literal,
    Space,
}

fn decode(text: &str, plus: Plus) -> Option<String> {
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if plus == Plus::Space => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_space_in_queries_only() {
        assert_eq!(segment("a+b%3Ac").as_deref(), Some("a+b:c"));
        assert_eq!(
            query("x=a+b&watch&y=%3D").unwrap(),
            [("x", "a b"), ("watch", ""), ("y", "=")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn broken_escapes_and_bytes_that_are_not_text_are_refused() {
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(segment(bad), None, "{bad}");
        }
    }
}
