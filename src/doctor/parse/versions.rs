//! Versions out of whatever programs print.

use semver::Version;

/// The first version in a text: up to three numbers, joined by dots, the later ones optional.
/// What follows them is left out, because distributions put anything there.
pub fn version(text: &str) -> Option<Version> {
    let mut starts = text.char_indices().filter(|(index, letter)| {
        // `v1.2`, `jq-1.5` and `tar 1.3` begin a version, the 6 of `ip6tables` does not.
        let before = text[..*index].chars().next_back();
        let joined = before.is_some_and(|before| before.is_ascii_alphanumeric() && before != 'v');
        letter.is_ascii_digit() && !joined && before != Some('.')
    });
    starts.find_map(|(index, _)| numbers(&text[index..]))
}

fn numbers(text: &str) -> Option<Version> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let mut parts = text[..end].split('.').map(|part| part.parse().ok());
    let major = parts.next()??;
    let minor = parts.next().flatten()?;
    let patch = parts.next().flatten().unwrap_or(0);
    Some(Version::new(major, minor, patch))
}

/// The minor release of Kubernetes in `1.36`, `v1.36.4` and the like.
pub fn kubernetes_minor(text: &str) -> Option<u64> {
    version(text)
        .filter(|version| version.major == 1)
        .map(|version| version.minor)
}

/// Which tables the iptables programs write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IptablesVariant {
    /// nftables, through the compatibility layer.
    Nft,
    /// The kernel's own legacy tables.
    Legacy,
}

/// The variant in `iptables --version`: its suffix, which releases before 1.8 lack.
pub fn iptables_variant(text: &str) -> IptablesVariant {
    if text.contains("(nf_tables)") {
        IptablesVariant::Nft
    } else {
        IptablesVariant::Legacy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        for (text, expected) in [
            ("kind v0.32.0 go1.26.4 linux/amd64", Some("0.32.0")),
            ("Docker version 28.5.2, build x", Some("28.5.2")),
            ("ip6tables v1.8.10 (nf_tables)", Some("1.8.10")),
            ("Client Version: v1.36.4", Some("1.36.4")),
            ("jq-1.5", Some("1.5.0")),
            ("jq-1.7.1-apple", Some("1.7.1")),
            ("tar (GNU tar) 1.35", Some("1.35.0")),
            ("GNU bash, version 5.2.21(1)-release", Some("5.2.21")),
            ("6.17.7-200.fc42.x86_64", Some("6.17.7")),
            ("4.50.0", Some("4.50.0")),
            ("WSL version: 2.6.1.0", Some("2.6.1")),
            ("20.10.12+dfsg1", Some("20.10.12")),
            ("ip utility, iproute2-6.1.0", Some("6.1.0")),
            ("GNU parallel 20231122", None),
            ("command not found", None),
            ("", None),
            ("99999999999999999999.1", None),
        ] {
            let found = version(text).map(|version| version.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_suffix_tells_the_variant() {
        assert_eq!(
            iptables_variant("iptables v1.8.10 (nf_tables)"),
            IptablesVariant::Nft
        );
        assert_eq!(iptables_variant("iptables v1.6.1"), IptablesVariant::Legacy);
    }

    #[test]
    fn minors_are_of_kubernetes_one() {
        assert_eq!(kubernetes_minor("v1.36.4"), Some(36));
        assert_eq!(kubernetes_minor("2.1"), None);
    }
}
