//! The networking fields of a Shoot as they are written, tuples among them. Nothing is judged
//! here: what is stored went through validation, and what does not has errors of its own.

use super::{Element, KEYWORD, Role, Tuple, element::is_word, tuple::trimmed};
use crate::{api::core::Networking, net::Families};

/// The single field of a role.
pub fn field(networking: &Networking, role: Role) -> Option<&str> {
    match role {
        Role::Pods => networking.pods.as_deref(),
        Role::Nodes => networking.nodes.as_deref(),
        Role::Services => networking.services.as_deref(),
    }
}

/// Whether a text is written as a tuple: it has a comma, or it is the keyword or something that
/// was probably meant to be it.
pub fn is_tuple(text: &str) -> bool {
    let text = trimmed(text);
    let like_the_keyword = || {
        let start = text.get(.."AUTO".len());
        is_word(text) && start.is_some_and(|start| start.eq_ignore_ascii_case("AUTO"))
    };
    text.contains(',') || like_the_keyword()
}

/// Whether any field of a Shoot is written as a tuple; then all of them are read as tuples.
pub fn uses_tuples(networking: &Networking) -> bool {
    Role::ALL
        .into_iter()
        .filter_map(|role| field(networking, role))
        .any(is_tuple)
}

/// The families that the tuples of a Shoot name: those of the first field that is a tuple at all.
pub fn families(networking: &Networking) -> Option<Families> {
    Role::ALL
        .into_iter()
        .filter_map(|role| field(networking, role)?.parse::<Tuple>().ok())
        .map(Tuple::families)
        .next()
}

/// The ranges that a field spells out: all of it, or the elements of a tuple but the keyword.
pub fn spelled_out(text: &str) -> Vec<&str> {
    if !is_tuple(text) {
        return vec![text];
    }
    text.split(',')
        .map(trimmed)
        .filter(|piece| !piece.is_empty() && *piece != KEYWORD)
        .collect()
}

/// Whether a field leaves its IPv6 range to the provider.
pub fn is_automatic(text: &str) -> bool {
    text.parse::<Tuple>()
        .is_ok_and(|tuple| tuple.elements().any(|element| element == Element::Auto))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::IpFamily;

    #[test]
    fn a_tuple_is_told_from_a_range() {
        for text in ["AUTOv6", " autov6", "AUTOv4", "10.0.0.0/8, x", ","] {
            assert!(is_tuple(text), "{text:?}");
        }
        for text in ["", "10.0.0.0/8", "fd00::/8", "nonsense", "AUTOv6/64", "aut"] {
            assert!(!is_tuple(text), "{text:?}");
        }
    }

    #[test]
    fn the_keyword_spells_nothing_out() {
        assert_eq!(spelled_out("AUTOv6, 10.0.0.0/8,"), ["10.0.0.0/8"]);
        assert_eq!(spelled_out("AUTOv6"), [""; 0]);
        assert_eq!(spelled_out("fd00::/64"), ["fd00::/64"]);
        assert!(is_automatic("10.0.0.0/8, AUTOv6"));
        assert!(!is_automatic("10.0.0.0/8"));
    }

    #[test]
    fn the_first_readable_field_names_the_families() {
        let mut networking = Networking {
            pods: Some("nonsense".to_owned()),
            services: Some("10.0.0.0/8, AUTOv6".to_owned()),
            ..Networking::default()
        };
        assert_eq!(families(&networking), Some(Families::dual(IpFamily::V4)));
        assert!(uses_tuples(&networking));
        networking.services = None;
        assert_eq!(families(&networking), None);
        assert!(!uses_tuples(&networking));
    }
}
