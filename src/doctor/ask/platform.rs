//! What kind of machine the command runs on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::doctor::{Fact, Facts, facts::MachineOs};

/// The platforms that remedies differ for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// Linux inside the Windows Subsystem for Linux.
    Wsl,
    /// macOS.
    Macos,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Linux, Self::Wsl, Self::Macos];

    /// The platform of a snapshot. Systems that are none of these count as Linux; the check
    /// `os-supported` says so.
    pub fn of(facts: &Facts) -> Self {
        if facts.host.os == Fact::Known(MachineOs::Darwin) {
            return Self::Macos;
        }
        let version = facts.host.files.get("/proc/version").and_then(Fact::known);
        if version.is_some_and(|text| text.to_lowercase().contains("microsoft")) {
            Self::Wsl
        } else {
            Self::Linux
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linux => "linux",
            Self::Wsl => "wsl",
            Self::Macos => "macos",
        })
    }
}
