//! `/etc/hosts`.

use std::net::IpAddr;

/// A line: an address and its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostsEntry {
    /// The address; a zone is dropped.
    pub address: IpAddr,
    /// The names, lower case.
    pub names: Vec<String>,
}

impl HostsEntry {
    /// Whether the line is about a name.
    pub fn names(&self, name: &str) -> bool {
        self.names.iter().any(|other| other == name)
    }
}

/// The lines that have an address and a name.
pub fn entries(text: &str) -> Vec<HostsEntry> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let address = words.next()?.split('%').next()?.parse().ok()?;
            let names: Vec<String> = words.map(str::to_lowercase).collect();
            (!names.is_empty()).then_some(HostsEntry { address, names })
        })
        .collect()
}

/// The addresses of a name, in the order of the file.
pub fn addresses_of(entries: &[HostsEntry], name: &str) -> Vec<IpAddr> {
    entries
        .iter()
        .filter(|entry| entry.names(name))
        .map(|entry| entry.address)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_lines_without_a_name_are_left_out() {
        let text = "127.0.0.1 localhost # x\r\n::1 LocalHost ip6-localhost\n#::1 y\n::1\nrubbish z\nfe80::1%lo0 localhost\n";
        let found = entries(text);
        assert_eq!(found.len(), 3);
        let addresses: Vec<String> = addresses_of(&found, "localhost")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(addresses, ["127.0.0.1", "::1", "fe80::1"]);
    }
}
