//! `/etc/hosts` (hosts(5)) with a name at an address.

/// Mark behind every line of ours.
const MARK: &str = "# garden6 doctor";

/// The file with a line that maps `names` to `address`. Nothing changes where the address already
/// has every one of the names.
pub fn with_names(text: &str, check: &str, address: &str, names: &[&str]) -> String {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !has(text, address, name))
        .collect();
    if missing.is_empty() {
        return text.to_owned();
    }
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let names = missing.join(" ");
    format!("{text}{newline}{address} {names} {MARK} {check}\n")
}

/// Whether an address has a name. Addresses are compared as values, names without case.
fn has(text: &str, address: &str, name: &str) -> bool {
    let wanted = address.parse::<std::net::IpAddr>();
    text.lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let same = words
            .next()
            .is_some_and(|first| first.parse::<std::net::IpAddr>() == wanted);
        same && words.any(|word| word.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_appended_as_one_marked_line() {
        let add = |text: &str| {
            with_names(
                text,
                "hosts-localhost-v6",
                "::1",
                &["localhost", "ip6-localhost"],
            )
        };
        for (text, expected) in [
            (
                "",
                "::1 localhost ip6-localhost # garden6 doctor hosts-localhost-v6\n",
            ),
            (
                "127.0.0.1 localhost",
                "127.0.0.1 localhost\n::1 localhost ip6-localhost # garden6 doctor hosts-localhost-v6\n",
            ),
            (
                "::1 LOCALHOST\n",
                "::1 LOCALHOST\n::1 ip6-localhost # garden6 doctor hosts-localhost-v6\n",
            ),
            (
                "0:0::1 localhost\r\n::1\tip6-localhost # mine\n",
                "0:0::1 localhost\r\n::1\tip6-localhost # mine\n",
            ),
            (
                "#::1 localhost\n",
                "#::1 localhost\n::1 localhost ip6-localhost # garden6 doctor hosts-localhost-v6\n",
            ),
        ] {
            assert_eq!(add(text), expected, "{text:?}");
            assert_eq!(add(expected), expected, "twice changes nothing");
        }
    }
}
