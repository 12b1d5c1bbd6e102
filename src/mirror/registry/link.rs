//! The `Link` header (RFC 8288), as far as lists of registries need it.

use http::{HeaderMap, header::LINK};
use reqwest::Url;

/// The next page of a list, if there is one.
pub(super) fn next(base: &Url, headers: &HeaderMap) -> Option<Url> {
    headers
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(",<").flat_map(|part| part.split(", <")))
        .find_map(|link| {
            let (target, parameters) = link.trim_start_matches('<').split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let parameter = parameter.trim();
                parameter == "rel=next" || parameter == "rel=\"next\""
            });
            is_next.then(|| base.join(target).ok())?
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_relative_or_absolute() {
        let base = Url::parse("http://[::1]:5000/v2/a/tags/list").unwrap();
        for (link, page) in [
            (
                "</v2/a/tags/list?last=b&n=2>; rel=\"next\"",
                Some("http://[::1]:5000/v2/a/tags/list?last=b&n=2"),
            ),
            (
                "<http://[::1]:5000/x>; rel=prev, <y?a=1,2>; rel=next",
                Some("http://[::1]:5000/v2/a/tags/y?a=1,2"),
            ),
            ("</x>; rel=\"last\"", None),
            ("nonsense", None),
        ] {
            let headers = HeaderMap::from_iter([(LINK, link.parse().unwrap())]);
            assert_eq!(
                next(&base, &headers).as_ref().map(Url::as_str),
                page,
                "{link}"
            );
        }
        assert_eq!(next(&base, &HeaderMap::new()), None);
    }
}
