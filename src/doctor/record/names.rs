//! Names of people, machines and registries behind ordinary ones.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use crate::doctor::hash::sha256;

/// Names that say nothing about anybody, in `/etc/hosts`.
const ORDINARY: [&str; 8] = [
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "host.docker.internal",
];
/// Registries that everybody knows, by the end of their names.
const REGISTRIES: [&str; 12] = [
    "docker.io",
    "docker.com",
    "gcr.io",
    "ghcr.io",
    "quay.io",
    "k8s.io",
    "pkg.dev",
    "amazonaws.com",
    "azurecr.io",
    "mcr.microsoft.com",
    "local.gardener.cloud",
    "localhost",
];

/// Who took the snapshot, and where.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The user's name.
    pub user: Option<String>,
    /// The user's home folder.
    pub home: Option<String>,
    /// The machine's name.
    pub host: Option<String>,
}

static HOME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(/home/|/Users/)[^/\s\x22':,]+").expect("the pattern is well-formed")
});

impl Identity {
    /// Replaces the names in a text.
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(home) = self
            .home
            .as_deref()
            .filter(|home| home.len() > 1 && *home != "/root")
            && !HOME.is_match(home)
        {
            text = text.replace(home, "/home/user");
        }
        let mut text = HOME.replace_all(&text, "${1}user").into_owned();
        for (name, instead) in [(&self.user, "user"), (&self.host, "host")] {
            if let Some(name) = name.as_deref().filter(|name| is_telling(name)) {
                text = replace_word(&text, name, instead);
            }
        }
        text
    }
}

/// Whether a name can be replaced wherever it stands. Short and common words mean other things in
/// most places.
fn is_telling(name: &str) -> bool {
    const COMMON: [&str; 13] = [
        "root",
        "user",
        "host",
        "docker",
        "kind",
        "linux",
        "debian",
        "ubuntu",
        "fedora",
        "runner",
        "vagrant",
        "localhost",
        "admin",
    ];
    name.len() >= 4 && !COMMON.contains(&name)
}

fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let pattern = format!(r"(?i)(^|[^\w-]){}($|[^\w-])", regex::escape(word));
    let Ok(pattern) = Regex::new(&pattern) else {
        return text.to_owned();
    };
    let with = format!("${{1}}{instead}${{2}}");
    // Two in a row share the character between them.
    let once = pattern.replace_all(text, with.as_str());
    pattern.replace_all(&once, with.as_str()).into_owned()
}

/// `/etc/hosts` with names of others numbered.
pub(super) fn hosts_file(text: &str) -> String {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut name = |name: &str| {
        if ORDINARY.contains(&name.to_lowercase().as_str()) || name.ends_with(".gardener.cloud") {
            return name.to_owned();
        }
        let next = numbers.len() + 1;
        let number = numbers.entry(name.to_lowercase()).or_insert(next);
        format!("name-{number}")
    };
    let mut lines = Vec::new();
    for line in text.lines() {
        // Comments can say anything.
        let line = line.split('#').next().unwrap_or_default().trim_end();
        let mut words = line.split_whitespace();
        let Some(address) = words.next() else {
            continue;
        };
        let names: Vec<String> = words.map(&mut name).collect();
        lines.push(format!("{address} {}\n", names.join(" ")));
    }
    lines.concat()
}

/// `resolv.conf` without the domains that are searched.
pub(super) fn resolv_conf(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with(['#', ';']))
        .map(|line| match line.split_whitespace().next() {
            Some(word @ ("search" | "domain")) => format!("{word} example\n"),
            _ => format!("{line}\n"),
        })
        .collect()
}

/// `/etc/subuid` and `/etc/subgid`: the user's own lines keep their meaning.
pub(super) fn subids(text: &str, user: Option<&str>) -> String {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let (name, rest) = line.split_once(':')?;
            let name = if Some(name) == user {
                "user".to_owned()
            } else if name.parse::<u32>().is_ok() {
                name.to_owned()
            } else {
                format!("other-{index}")
            };
            Some(format!("{name}:{rest}\n"))
        })
        .collect()
}

/// A registry as a name that is the same for the same registry.
pub(super) fn registry(name: &str) -> String {
    let (scheme, rest) = match name.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), name),
    };
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, format!("/{path}")),
        None => (rest, String::new()),
    };
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    let known = REGISTRIES
        .iter()
        .any(|known| bare == *known || bare.ends_with(&format!(".{known}")));
    let is_address = bare.starts_with('[') || bare.parse::<std::net::IpAddr>().is_ok();
    // A prefix such as 127.0.0.0/8 is an address as well.
    if known || is_address || host.parse::<std::net::IpAddr>().is_ok() {
        return name.to_owned();
    }
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let port = if port.is_empty() {
        String::new()
    } else {
        format!(":{port}")
    };
    let hash = &sha256(bare.as_bytes())[..8];
    format!("{scheme}registry-{hash}.example{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            user: Some("alice".to_owned()),
            home: Some("/srv/people/alice".to_owned()),
            host: Some("al-book".to_owned()),
        }
    }

    #[test]
    fn people_and_machines_get_ordinary_names() {
        for (text, expected) in [
            ("/srv/people/alice/src", "/home/user/src"),
            ("/home/bob/.docker", "/home/user/.docker"),
            ("/Users/Al Ice", "/Users/user Ice"),
            ("alice@al-book alice alice", "user@host user user"),
            ("alices al-book-2", "alices al-book-2"),
            ("AL-BOOK.corp", "host.corp"),
        ] {
            assert_eq!(identity().hide(text), expected, "{text}");
        }
        let common = Identity {
            user: Some("docker".to_owned()),
            home: Some("/root".to_owned()),
            host: Some("vm".to_owned()),
        };
        assert_eq!(
            common.hide("docker in /root on vm"),
            "docker in /root on vm"
        );
    }

    #[test]
    fn files_keep_their_meaning_without_names() {
        assert_eq!(
            hosts_file(
                "127.0.0.1 localhost # me\n\n#x\n10.0.0.1 Corp corp.example\n::1 localhost registry.local.gardener.cloud CORP\n"
            ),
            "127.0.0.1 localhost\n10.0.0.1 name-1 name-2\n::1 localhost registry.local.gardener.cloud name-1\n"
        );
        assert_eq!(
            resolv_conf("# x\nsearch corp.example\nnameserver 10.0.0.1\n"),
            "search example\nnameserver 10.0.0.1\n"
        );
        assert_eq!(
            subids(
                "alice:100000:65536\nbob:1:2\n7:1:2\nrubbish\n",
                Some("alice")
            ),
            "user:100000:65536\nother-1:1:2\n7:1:2\n"
        );
    }

    #[test]
    fn registries_of_companies_are_hashed_and_public_ones_are_not() {
        for name in [
            "localhost:5001",
            "127.0.0.0/8",
            "::1/128",
            "[::1]:5001",
            "quay.io",
            "https://mirror.gcr.io",
            "registry.local.gardener.cloud:5001",
        ] {
            assert_eq!(registry(name), name);
        }
        let hidden = registry("https://registry.corp.example:5000/v2");
        assert!(
            hidden.starts_with("https://registry-") && hidden.ends_with(".example:5000/v2"),
            "{hidden}"
        );
        assert!(!hidden.contains("corp"));
        assert_eq!(registry("a.corp:1"), registry("a.corp:1"));
    }
}
