//! Files of `KEY=VALUE` lines: os-release, ufw, firewalld; and `wsl.conf` with its sections.

use std::collections::BTreeMap;

/// Values by key. Quotes around a value are dropped; the last line of a key counts.
pub fn values(text: &str) -> BTreeMap<String, String> {
    lines(text).collect()
}

fn lines(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', ';']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquoted(value.trim()).to_owned()))
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

/// Values by section and key, both in lower case, as WSL compares them.
pub fn sections(text: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        let name = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(name) = name {
            section = name.trim().to_lowercase();
        } else {
            let entries = lines(line).map(|(key, value)| {
                let key = (section.clone(), key.to_lowercase());
                (key, value)
            });
            found.extend(entries);
        }
    }
    found
}

/// Whether a value means yes.
pub fn is_yes(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "yes" | "true" | "1" | "on"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_are_dropped() {
        let found = values("ID=ubuntu\r\nVERSION_ID=\"24.04\"\n# X=1\nNAME='a b'\nrubbish\n");
        assert_eq!(found["ID"], "ubuntu");
        assert_eq!(found["VERSION_ID"], "24.04");
        assert_eq!(found["NAME"], "a b");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn sections_are_compared_without_case() {
        let found = sections("[Boot]\nSystemd = true\n[network]\ngenerateResolvConf=false\n");
        let value =
            |section: &str, key: &str| found.get(&(section.to_owned(), key.to_owned())).cloned();
        assert_eq!(value("boot", "systemd").as_deref(), Some("true"));
        assert_eq!(
            value("network", "generateresolvconf").as_deref(),
            Some("false")
        );
    }
}
