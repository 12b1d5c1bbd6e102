//! The kernel settings of worker nodes. Pure.

use std::collections::BTreeMap;

use crate::api::extensions::{File, FileContent, InlineContent};

/// Where the settings go.
pub const PATH: &str = "/etc/sysctl.d/99-k8s-general.conf";

/// What every node needs. Forwarding of both families is on whatever the Shoot's families are
/// (GEP-21), so that a Shoot can change them without touching its machines.
const GENERAL: [(&str, &str); 14] = [
    ("fs.file-max", "20000000"),
    ("fs.inotify.max_user_instances", "8192"),
    ("fs.inotify.max_user_watches", "524288"),
    ("kernel.panic", "10"),
    ("kernel.panic_on_oops", "1"),
    ("kernel.pid_max", "99999999"),
    ("kernel.softlockup_panic", "1"),
    ("net.ipv4.conf.all.forwarding", "1"),
    ("net.ipv4.conf.default.forwarding", "1"),
    ("net.ipv4.ip_local_port_range", "32768 65535"),
    ("net.ipv4.tcp_keepalive_time", "600"),
    ("net.ipv6.conf.all.forwarding", "1"),
    ("net.ipv6.conf.default.forwarding", "1"),
    ("vm.max_map_count", "135217728"),
];

/// The file with the general settings and those of a pool, which win. Keys are sorted.
pub fn file(pool: &BTreeMap<String, String>) -> File {
    let mut settings: BTreeMap<&str, &str> = GENERAL.into_iter().collect();
    settings.extend(
        pool.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    let mut data = String::from("# Kernel settings of a Kubernetes node\n");
    for (key, value) in settings {
        data.extend([key, " = ", value, "\n"]);
    }
    File {
        path: PATH.to_owned(),
        permissions: Some(0o644),
        content: FileContent {
            inline: Some(InlineContent {
                encoding: String::new(),
                data,
            }),
            ..FileContent::default()
        },
        ..File::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pool: &[(&str, &str)]) -> Vec<String> {
        let pool = pool
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let data = file(&pool).content.inline.unwrap().data;
        data.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn both_families_forward_always() {
        let lines = lines(&[]);
        for family in ["ipv4", "ipv6"] {
            for scope in ["all", "default"] {
                let expected = format!("net.{family}.conf.{scope}.forwarding = 1");
                assert!(lines.contains(&expected), "{expected}");
            }
        }
    }

    #[test]
    fn keys_are_sorted_and_a_pool_overrides() {
        let lines = lines(&[("net.ipv6.conf.all.forwarding", "0"), ("a.first", "1")]);
        assert_eq!(lines[0], "a.first = 1");
        assert!(lines.is_sorted());
        assert!(lines.contains(&"net.ipv6.conf.all.forwarding = 0".to_owned()));
    }
}
