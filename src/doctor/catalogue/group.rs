//! What checks are about.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! groups {
    ($($name:ident, $word:literal, $title:literal;)*) => {
        /// The subject of a check. The order is that of dependency: later ones build on earlier
        /// ones.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Group {
            $(#[doc = $title] $name,)*
        }

        impl Group {
            /// All of them.
            pub const ALL: [Self; 16] = [$(Self::$name,)*];

            /// The word that selects the group.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is about.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

groups! {
    Platform, "platform", "Platform and engine";
    Docker, "docker", "IPv6 and packet filtering of the engine";
    Network, "network", "Network of the nodes and the plan";
    Sysctl, "sysctl", "Kernel settings";
    Kernel, "kernel", "Kernel release and features";
    Cgroups, "cgroups", "Control groups, namespaces, rootless engines";
    Firewall, "firewall", "Packet filters of the host";
    Addressing, "addressing", "Addresses, names, the way out";
    Ports, "ports", "Ports";
    Resources, "resources", "Processors, memory, disks, limits";
    Security, "security", "Mandatory access control";
    Tools, "tools", "Programs";
    Proxies, "proxies", "Proxies";
    Wsl, "wsl", "Windows Subsystem for Linux";
    Macos, "macos", "macOS and its virtual machines";
    Containers, "containers", "Containers and CI";
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
