//! Lists of IP families as API objects carry them: text, unchecked, possibly empty.

use crate::net::{Families, IpFamily};

/// A list of IP families from a manifest. An empty list means IPv4.
///
/// Nothing is assumed about the entries; an unknown one counts as no family.
#[derive(Clone, Copy, Debug)]
pub struct FamilyList<'a>(pub &'a [String]);

impl FamilyList<'_> {
    /// The family of the primary addresses: the first entry, IPv4 where there is none.
    pub fn primary(self) -> IpFamily {
        self.0
            .first()
            .and_then(|word| exact(word))
            .unwrap_or(IpFamily::V4)
    }

    /// Whether only IPv4 is asked for.
    pub fn is_ipv4_single(self) -> bool {
        self.0.is_empty() || self.is_exactly(IpFamily::V4)
    }

    /// Whether only IPv6 is asked for.
    pub fn is_ipv6_single(self) -> bool {
        self.is_exactly(IpFamily::V6)
    }

    /// Whether a family is listed; the meaning of an empty list does not count.
    pub fn lists(self, family: IpFamily) -> bool {
        self.0.iter().any(|word| exact(word) == Some(family))
    }

    /// The families as a checked value; `None` where the list would not pass validation.
    pub fn checked(self) -> Option<Families> {
        if self.0.is_empty() {
            return Some(Families::single(IpFamily::V4));
        }
        let list: Option<Vec<IpFamily>> = self.0.iter().map(|word| exact(word)).collect();
        Families::try_from(list?).ok()
    }

    fn is_exactly(self, family: IpFamily) -> bool {
        matches!(self.0, [only] if exact(only) == Some(family))
    }
}

/// Reads a family name as manifests spell it; case matters.
pub(super) fn exact(word: &str) -> Option<IpFamily> {
    match word {
        "IPv4" => Some(IpFamily::V4),
        "IPv6" => Some(IpFamily::V6),
        _ => None,
    }
}

/// The list that says what `families` says.
pub fn to_list(families: Families) -> Vec<String> {
    families.iter().map(|family| family.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_empty_list_means_ipv4() {
        let list = FamilyList(&[]);
        assert_eq!(list.primary(), IpFamily::V4);
        assert!(list.is_ipv4_single());
        assert!(!list.lists(IpFamily::V4));
        assert_eq!(list.checked(), Some(Families::single(IpFamily::V4)));
    }

    #[test]
    fn the_first_entry_is_the_primary_one() {
        let dual = words(&["IPv6", "IPv4"]);
        let list = FamilyList(&dual);
        assert_eq!(list.primary(), IpFamily::V6);
        assert!(!list.is_ipv6_single());
        assert_eq!(to_list(list.checked().unwrap()), dual);
    }

    #[test]
    fn names_are_case_sensitive() {
        let wrong = words(&["ipv6"]);
        assert!(!FamilyList(&wrong).is_ipv6_single());
        assert_eq!(FamilyList(&wrong).checked(), None);
    }
}
