//! One machine: where the command runs, or where the engine runs.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{CommandAnswer, Fact, Modules, Online, Scalar, Services, View};

/// The operating system, by the name of its kernel in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MachineOs {
    /// Linux.
    Linux,
    /// macOS.
    Darwin,
    /// Anything else, as `uname -s` spells it.
    Other(String),
}

impl From<String> for MachineOs {
    fn from(text: String) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "linux" => Self::Linux,
            "darwin" | "macos" => Self::Darwin,
            _ => Self::Other(text),
        }
    }
}

impl From<MachineOs> for String {
    fn from(os: MachineOs) -> Self {
        os.to_string()
    }
}

impl fmt::Display for MachineOs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linux => "linux",
            Self::Darwin => "darwin",
            Self::Other(text) => text,
        })
    }
}

/// The environment variables that checks may ask for (see `keys::ENV`), those that are set.
pub type EnvironmentVariables = BTreeMap<String, String>;

/// The working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workdir {
    /// Its path.
    pub path: String,
    /// Type of its file system, as `/proc/mounts` spells it.
    pub fstype: String,
    /// Whether the engine's virtual machine sees it; none where there is no such machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_with_vm: Option<bool>,
}

/// The value that a sysctl will have after the next boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenBootValue", into = "WrittenBootValue")]
pub struct BootValue {
    /// The value.
    pub value: Scalar,
    /// The file that sets it, with the number of its line: `/etc/sysctl.d/99-x.conf:3`.
    pub file: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenBootValue {
    Whole { value: Scalar, file: String },
    Value(Scalar),
}

impl From<WrittenBootValue> for BootValue {
    fn from(written: WrittenBootValue) -> Self {
        match written {
            WrittenBootValue::Whole { value, file } => Self {
                value,
                file: Some(file),
            },
            WrittenBootValue::Value(value) => Self { value, file: None },
        }
    }
}

impl From<BootValue> for WrittenBootValue {
    fn from(boot: BootValue) -> Self {
        match boot.file {
            Some(file) => Self::Whole {
                value: boot.value,
                file,
            },
            None => Self::Value(boot.value),
        }
    }
}

/// What is known about one machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Its operating system.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub os: Fact<MachineOs>,
    /// Its architecture (`uname -m`).
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub uname_m: Fact<String>,
    /// Environment variables.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub env: Fact<EnvironmentVariables>,
    /// The working directory.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub workdir: Fact<Workdir>,
    /// Contents by path. A folder of drop-ins is its `*.conf` files one after the other; a device
    /// that can be opened is empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Fact<String>>,
    /// Sysctls by dotted name. `uplink` in a name stands for the device of the default route.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sysctl: BTreeMap<String, Fact<Scalar>>,
    /// Sysctls whose value after the next boot differs from the one at work.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub sysctl_at_boot: Fact<BTreeMap<String, BootValue>>,
    /// The kernel's modules.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub modules: Fact<Modules>,
    /// What was worked out of more than one source.
    pub view: View,
    /// Services.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub services: Fact<Services>,
    /// Programs by command line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cmd: BTreeMap<String, Fact<CommandAnswer>>,
    /// Answers from the outside world; not recorded without `--online`.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub online: Fact<Online>,
}
