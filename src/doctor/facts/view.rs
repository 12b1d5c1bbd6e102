//! Evidence in the form that checks compare: worked out of raw texts by `crate::doctor::parse`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fact, HostRoute, InterfaceAddress, Listener};

/// A device that a VPN made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vpn {
    /// The device.
    pub dev: String,
    /// Whether the IPv4 default route leads there.
    pub default4: bool,
    /// Whether the IPv6 default route leads there.
    pub default6: bool,
    /// Whether the IPv6 default route refuses packets.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rejects6: bool,
}

/// Free inodes below the engine's folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inodes {
    /// Free inodes, per cent of all.
    pub free_pct: f64,
    /// Free inodes.
    pub free: u64,
}

/// What firewalld knows of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firewalld {
    /// Zone of the engine's bridges.
    pub zone_of_bridges: String,
    /// Names of the policies.
    pub policies: Vec<String>,
}

/// What an engine inside a container stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dind {
    /// Type of the file system of the engine's folder.
    pub root_fs: String,
    /// Whether `/proc/sys` is read-only.
    pub proc_sys_ro: bool,
    /// Whether `/lib/modules` is there.
    pub lib_modules_mounted: bool,
}

/// The application firewall of macOS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MacFirewall {
    /// `on` or `off`.
    pub state: String,
    /// Whether everything is blocked.
    pub block_all: bool,
}

/// Who runs the command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The user's id.
    pub uid: u32,
    /// Names of the groups of this process.
    pub groups: Vec<String>,
}

/// Who may use the engine's socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SocketOwner {
    /// Name of its group.
    pub group: String,
    /// Members of that group according to the group file.
    pub members: Vec<String>,
    /// Permission bits.
    pub mode: u32,
}

/// Parsed evidence. Absent means that there is no such thing: no default route, no VPN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Device of the IPv4 default route.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub uplink4: Fact<String>,
    /// Device of the IPv6 default route.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub uplink6: Fact<String>,
    /// MTU by device.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub mtu: Fact<BTreeMap<String, u32>>,
    /// IPv4 routes.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub routes4: Fact<Vec<HostRoute>>,
    /// IPv6 routes.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub routes6: Fact<Vec<HostRoute>>,
    /// IPv4 addresses by device.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub addrs4: Fact<BTreeMap<String, Vec<InterfaceAddress>>>,
    /// IPv6 addresses by device.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub addrs6: Fact<BTreeMap<String, Vec<InterfaceAddress>>>,
    /// Resolvers of macOS (`scutil --dns`), with zones of link-local addresses.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub resolvers: Fact<Vec<String>>,
    /// Listening sockets.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub listen: Fact<Vec<Listener>>,
    /// The VPN.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub vpn: Fact<Vpn>,
    /// Soft and hard limit of open files of this process.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub nofile: Fact<(u64, u64)>,
    /// Inodes below the engine's folder; absent where the file system does not count them.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub inodes: Fact<Inodes>,
    /// Free space below the engine's folder in GiB.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub disk_free_gib: Fact<f64>,
    /// How far the engine's clock is from this one, in seconds.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub clock_skew_s: Fact<f64>,
    /// Whether the clock is kept by NTP; absent where nothing can say.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub ntp_synchronized: Fact<bool>,
    /// Whether swap is in use.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub swap: Fact<bool>,
    /// Whether `/sys/fs/cgroup` is the unified hierarchy.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub cgroup2: Fact<bool>,
    /// Whether `NetworkManager` manages bridges or links of containers.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub nm_manages_bridges: Fact<bool>,
    /// Version of systemd; absent where it is not the init system.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub systemd: Fact<u32>,
    /// cgroup controllers that the user's manager may hand on.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub delegated: Fact<Vec<String>>,
    /// firewalld.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub firewalld: Fact<Firewalld>,
    /// The engine's container.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub dind: Fact<Dind>,
    /// Version of macOS.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub macos: Fact<String>,
    /// Whether this process is translated by Rosetta.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub translated: Fact<bool>,
    /// The application firewall of macOS.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub firewall: Fact<MacFirewall>,
    /// Whether WSL runs a kernel of the user's own.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub wsl_custom_kernel: Fact<bool>,
    /// Who runs the command.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub user: Fact<User>,
    /// Who may use the engine's socket.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub socket: Fact<SocketOwner>,
}
