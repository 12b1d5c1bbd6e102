//! What a repair wants, before anybody looked whether it is so already.

use std::path::{Path, PathBuf};

use super::{
    change::{Service, dotted},
    edit::daemon_json::Edit,
};
use crate::net::Cidr;

/// Our file of kernel settings (sysctl.d(5)).
pub(super) const SYSCTL_FILE: &str = "/etc/sysctl.d/90-garden6.conf";
/// Our file of kernel modules (modules-load.d(5)).
pub(super) const MODULES_FILE: &str = "/etc/modules-load.d/garden6.conf";
/// Names and addresses of this machine (hosts(5)).
pub(super) const HOSTS_FILE: &str = "/etc/hosts";

/// One thing that is to be so.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A kernel setting has a value now.
    Sysctl {
        /// Path below `/proc/sys`.
        key: String,
        /// The value.
        value: String,
    },
    /// A kernel setting gets a value at boot.
    SysctlLine {
        /// Path below `/proc/sys`.
        key: String,
        /// The value.
        value: String,
    },
    /// A kernel module is loaded now.
    LoadModule {
        /// Its name.
        name: String,
    },
    /// A kernel module is loaded at boot.
    ModuleLine {
        /// Its name.
        name: String,
    },
    /// `daemon.json` says something else.
    DaemonJson {
        /// Where the file is.
        path: PathBuf,
        /// What it is to say.
        edits: Vec<Edit>,
        /// Whether the engine can check a file (23 and later).
        validate: bool,
    },
    /// `/etc/hosts` maps names to an address.
    Hosts {
        /// The address.
        address: String,
        /// The names.
        names: Vec<String>,
    },
    /// A key of a `KEY=VALUE` file has a value.
    Key {
        /// The file, which has to exist.
        path: PathBuf,
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A file that is ours alone has this content.
    OwnFile {
        /// Where it is.
        path: PathBuf,
        /// What is in it.
        content: String,
    },
    /// An interface has an address now.
    Address {
        /// The address as a prefix of full length.
        address: Cidr,
        /// The interface.
        device: String,
    },
    /// A network of the engine is gone, if nothing is attached and nobody else claims it.
    RemoveNetwork {
        /// Its name, for people.
        name: String,
        /// Its id, or its name.
        id: String,
    },
    /// A service reads its configuration again.
    Service(Service),
}

impl Action {
    /// Whether only root can do it.
    pub const fn is_privileged(&self) -> bool {
        !matches!(self, Self::RemoveNetwork { .. })
    }

    /// The commands that a person would type for it, in order.
    pub fn commands(&self, check: &str) -> Vec<String> {
        match self {
            Self::Sysctl { key, value } => vec![format!("sysctl -w {}={value}", dotted(key))],
            Self::SysctlLine { key, value } => {
                let line = format!("{} = {value}", dotted(key));
                vec![append(SYSCTL_FILE, &[&format!("# {check}"), &line])]
            }
            Self::LoadModule { name } => vec![format!("modprobe {name}")],
            Self::ModuleLine { name } => {
                vec![append(MODULES_FILE, &[&format!("# {check}"), name])]
            }
            Self::DaemonJson { path, edits, .. } => {
                let mut commands = vec![format!("cp -p {0} {0}.garden6.TIME", path.display())];
                commands.extend(edits.iter().map(|edit| edit_in_words(path, edit)));
                commands
            }
            Self::Hosts { address, names } => {
                vec![append(
                    HOSTS_FILE,
                    &[&format!("{address} {}", names.join(" "))],
                )]
            }
            Self::Key { path, key, value } => {
                vec![format!("set {key}={value} in {}", path.display())]
            }
            Self::OwnFile { path, content } => {
                let lines: Vec<&str> = content.lines().collect();
                let target = path.display().to_string();
                vec![append(&target, &lines).replace(" tee -a ", " tee ")]
            }
            Self::Address { address, device } => {
                vec![format!("ip address add {address} dev {device}")]
            }
            Self::RemoveNetwork { name, .. } => vec![format!("docker network rm {name}")],
            Self::Service(service) => vec![service.command().join(" ")],
        }
    }
}

/// Lines appended to a file, in a form that still works with `sudo` before it.
fn append(file: &str, lines: &[&str]) -> String {
    let quoted: Vec<String> = lines.iter().map(|line| format!("'{line}'")).collect();
    format!("printf '%s\\n' {} | tee -a {file}", quoted.join(" "))
}

fn edit_in_words(path: &Path, edit: &Edit) -> String {
    let path = path.display();
    let join = |values: &[serde_json::Value]| {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        texts.join(", ")
    };
    match edit {
        Edit::Set { key, value } => format!("set \"{key}\": {value} in {path}"),
        Edit::Remove { key } => format!("remove \"{key}\" from {path}"),
        Edit::Extend { key, values } => {
            format!("add {} to the list \"{key}\" in {path}", join(values))
        }
        Edit::Drop { key, values } => {
            format!("remove {} from the list \"{key}\" in {path}", join(values))
        }
        Edit::SetWithin { key, within, value } => {
            format!("set \"{key}\".\"{within}\": {value} in {path}")
        }
    }
}

/// A command as an ordinary user has to type it.
pub fn with_sudo(command: &str) -> String {
    match command.split_once(" | tee ") {
        Some((text, file)) => format!("{text} | sudo tee {file}"),
        None => format!("sudo {command}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_typed() {
        let line = Action::SysctlLine {
            key: "fs/inotify/max_user_watches".to_owned(),
            value: "524288".to_owned(),
        };
        let commands = line.commands("inotify-watches");
        assert_eq!(
            commands,
            [
                "printf '%s\\n' '# inotify-watches' 'fs.inotify.max_user_watches = 524288' | tee -a /etc/sysctl.d/90-garden6.conf"
            ]
        );
        assert_eq!(
            with_sudo(&commands[0]),
            "printf '%s\\n' '# inotify-watches' 'fs.inotify.max_user_watches = 524288' | sudo tee -a /etc/sysctl.d/90-garden6.conf"
        );
        let module = Action::LoadModule {
            name: "ip6_tables".to_owned(),
        };
        assert_eq!(
            with_sudo(&module.commands("x")[0]),
            "sudo modprobe ip6_tables"
        );
    }
}
