//! One thing that was changed, with everything that is needed to take it back.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file_state::FileState;
use crate::net::Cidr;

/// A change of the machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "object",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Change {
    /// A file is written.
    File {
        /// Where it is, as a path of the machine.
        path: PathBuf,
        /// What it was, or nothing where it did not exist.
        before: Option<FileState>,
        /// What it becomes.
        after: FileState,
        /// SHA-256 of the new content.
        sha256: String,
    },
    /// A folder is made.
    Folder {
        /// Where it is, as a path of the machine.
        path: PathBuf,
    },
    /// A kernel setting is written.
    Sysctl {
        /// Path below `/proc/sys`.
        key: String,
        /// What it was.
        before: String,
        /// What it becomes.
        after: String,
        /// Settings that the kernel changes along with it, as they were.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        along: BTreeMap<String, String>,
    },
    /// A kernel module is loaded.
    Module {
        /// Its name.
        name: String,
    },
    /// An address is put on an interface.
    Address {
        /// The address as a prefix of full length.
        address: Cidr,
        /// The interface.
        device: String,
    },
    /// A network of the engine is removed.
    DockerNetwork {
        /// Its name.
        name: String,
        /// What the engine said of it.
        document: Value,
    },
    /// A service reads its configuration again.
    Service {
        /// The service.
        service: Service,
    },
}

/// Services whose configuration is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// Docker Engine is restarted.
    Docker,
    /// systemd-resolved is restarted.
    Resolved,
    /// systemd reads its units.
    Systemd,
    /// firewalld reads its configuration.
    Firewalld,
    /// `NetworkManager` reads its configuration.
    NetworkManager,
}

impl Service {
    /// The command that does it.
    pub const fn command(self) -> &'static [&'static str] {
        match self {
            Self::Docker => &["systemctl", "restart", "docker"],
            Self::Resolved => &["systemctl", "restart", "systemd-resolved"],
            Self::Systemd => &["systemctl", "daemon-reload"],
            Self::Firewalld => &["systemctl", "reload", "firewalld"],
            Self::NetworkManager => &["systemctl", "reload", "NetworkManager"],
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, before, .. } => {
                let verb = if before.is_some() {
                    "edited"
                } else {
                    "created"
                };
                write!(formatter, "{} ({verb})", path.display())
            }
            Self::Folder { path } => write!(formatter, "{} (created)", path.display()),
            Self::Sysctl {
                key, before, after, ..
            } => write!(formatter, "{} ({before} to {after})", dotted(key)),
            Self::Module { name } => write!(formatter, "kernel module {name} (loaded)"),
            Self::Address { address, device } => write!(formatter, "{address} on {device} (added)"),
            Self::DockerNetwork { name, .. } => {
                write!(formatter, "Docker network {name} (removed)")
            }
            Self::Service { service } => formatter.write_str(&service.command().join(" ")),
        }
    }
}

/// A path below `/proc/sys` as sysctl(8) takes it: dots, unless a name of an interface has some.
pub(super) fn dotted(key: &str) -> String {
    if key.contains('.') {
        return key.to_owned();
    }
    key.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_as_sysctl_takes_them() {
        for (key, expected) in [
            (
                "net/ipv6/conf/lo/disable_ipv6",
                "net.ipv6.conf.lo.disable_ipv6",
            ),
            (
                "net/ipv6/conf/eth0.7/disable_ipv6",
                "net/ipv6/conf/eth0.7/disable_ipv6",
            ),
        ] {
            assert_eq!(dotted(key), expected);
        }
    }

    #[test]
    fn a_change_survives_the_journal() {
        let change = Change::Sysctl {
            key: "net/ipv4/ip_forward".to_owned(),
            before: "0".to_owned(),
            after: "1".to_owned(),
            along: BTreeMap::from([("net/ipv4/conf/lo/forwarding".to_owned(), "0".to_owned())]),
        };
        let line = serde_json::to_string(&change).unwrap();
        assert_eq!(
            line,
            r#"{"object":"sysctl","key":"net/ipv4/ip_forward","before":"0","after":"1","along":{"net/ipv4/conf/lo/forwarding":"0"}}"#
        );
        assert_eq!(serde_json::from_str::<Change>(&line).unwrap(), change);
    }
}
