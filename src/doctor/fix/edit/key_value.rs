//! One key of a `KEY=VALUE` file such as `firewalld.conf`.

/// The file with `key` set to `value`. The last active line of the key is replaced, since the last
/// one counts; without one a line is appended. Everything else stays as it is, byte for byte.
pub fn with_key(text: &str, key: &str, value: &str) -> String {
    let line = format!("{key}={value}");
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let of_key = |line: &&str| {
        let mut parts = line.trim_start().splitn(2, '=');
        parts.next().is_some_and(|name| name.trim_end() == key) && parts.next().is_some()
    };
    if let Some(index) = lines.iter().rposition(of_key) {
        let ending = if lines[index].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let line = format!("{line}{ending}");
        lines[index] = &line;
        return lines.concat();
    }
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{newline}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_counts_is_replaced_and_nothing_else() {
        for (text, expected) in [
            (
                "# IPv6_rpfilter=x\nA=1\nIPv6_rpfilter=yes\nB=2\n",
                "# IPv6_rpfilter=x\nA=1\nIPv6_rpfilter=loose\nB=2\n",
            ),
            (
                "IPv6_rpfilter=no\nIPv6_rpfilter=yes",
                "IPv6_rpfilter=no\nIPv6_rpfilter=loose\n",
            ),
            ("IPv6_rpfilter = yes\r\n", "IPv6_rpfilter=loose\r\n"),
            ("A=1", "A=1\nIPv6_rpfilter=loose\n"),
            ("", "IPv6_rpfilter=loose\n"),
        ] {
            assert_eq!(
                with_key(text, "IPv6_rpfilter", "loose"),
                expected,
                "{text:?}"
            );
        }
    }
}
