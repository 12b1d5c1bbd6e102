//! The hands: looks what an action needs, makes changes, takes them back.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http::Method;
use serde_json::Value;

use super::{
    action::{Action, HOSTS_FILE, MODULES_FILE, SYSCTL_FILE},
    change::{Change, Service, dotted},
    edit::{daemon_json, drop_in, hosts, key_value},
    error::FixError,
    file_state::FileState,
    network, sysctl,
};
use crate::{
    clock::Clock,
    doctor::{
        Root,
        live::engine::{Answer, EngineClient, quote},
    },
    fsutil::FileError,
    process::Command,
};

/// Time for a program that changes something; a restart of the engine waits for containers.
const PROGRAM: Duration = Duration::from_secs(120);
/// Where programs are that an ordinary `PATH` lacks.
const SYSTEM_FOLDERS: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/// A machine that can be changed.
#[derive(Clone)]
pub struct Hands {
    /// Its files.
    pub root: Root,
    /// Its engine.
    pub engine: Option<EngineClient>,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Hands {
    /// The changes that make an action so; none where it is so already. Nothing is changed here.
    pub async fn prepare(&self, check: &str, action: &Action) -> Result<Vec<Change>, FixError> {
        match action {
            Action::Sysctl { key, value } => self.setting(key, value),
            Action::SysctlLine { key, value } => {
                let line = drop_in::sysctl_line(&dotted(key), value);
                self.own_line(SYSCTL_FILE, check, &line)
            }
            Action::LoadModule { name } => Ok(self.module(name)),
            Action::ModuleLine { name } => self.own_line(MODULES_FILE, check, name),
            Action::DaemonJson {
                path,
                edits,
                validate,
            } => self.daemon_json(path, edits, *validate).await,
            Action::Hosts { address, names } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.edited(Path::new(HOSTS_FILE), |text| {
                    hosts::with_names(text.unwrap_or_default(), check, address, &names)
                })
            }
            Action::Key { path, key, value } => {
                if FileState::read(&self.root.path(path))?.is_none() {
                    return Err(FixError::NoFile { path: path.clone() });
                }
                self.edited(path, |text| {
                    key_value::with_key(text.unwrap_or_default(), key, value)
                })
            }
            Action::OwnFile { path, content } => self.edited(path, |_| content.clone()),
            Action::Address { address, device } => {
                let there = self.addresses(device).contains(&address.network());
                let change = || Change::Address {
                    address: *address,
                    device: device.clone(),
                };
                Ok((!there).then(change).into_iter().collect())
            }
            Action::RemoveNetwork { name, id } => self.network(name, id).await,
            Action::Service(service) => Ok(vec![Change::Service { service: *service }]),
        }
    }

    /// Makes a change and tells what the kernel changed along with it.
    pub async fn make(&self, change: &Change) -> Result<BTreeMap<String, String>, FixError> {
        match change {
            Change::File { path, after, .. } => after.write(&self.root.path(path))?,
            Change::Folder { path } => {
                let path = self.root.path(path);
                match fs::create_dir(&path) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(FileError::new("create folder", &path, error).into());
                    }
                    _ => {}
                }
            }
            Change::Sysctl { key, after, .. } => {
                sysctl::write(&self.root, key, after)?;
                return Ok(sysctl::along(&self.root, key)?);
            }
            Change::Module { name } => self.run(&["modprobe", name]).await?,
            Change::Address { address, device } => {
                let address = address.to_string();
                self.run(&["ip", "address", "add", &address, "dev", device])
                    .await?;
            }
            Change::DockerNetwork { name, document } => {
                let id = document.get("Id").and_then(Value::as_str).unwrap_or(name);
                let path = format!("/networks/{id}");
                self.ask(
                    Method::DELETE,
                    &path,
                    None,
                    &format!("remove network {name}"),
                )
                .await?;
            }
            Change::Service { service } => self.run(service.command()).await?,
        }
        Ok(BTreeMap::new())
    }

    /// Runs a program of the machine. For a folder that stands for a machine there is none.
    pub async fn run(&self, command: &[&str]) -> Result<(), FixError> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(());
        };
        Command::new(find(program))
            .args(arguments.iter().copied())
            .env("LC_ALL", "C")
            .timeout(PROGRAM)
            .run()
            .await?;
        Ok(())
    }

    /// Lets a service read its configuration again.
    pub async fn reload(&self, service: Service) -> Result<(), FixError> {
        self.run(service.command()).await
    }

    /// Asks the engine and insists on success.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        action: &str,
    ) -> Result<Answer, FixError> {
        let engine = self.engine.as_ref().ok_or(FixError::NoEngine)?;
        let answer = engine.request(method, path, body).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        Err(FixError::EngineRefused {
            action: action.to_owned(),
            reason: format!("{} ({})", quote(&answer.body), answer.status),
        })
    }

    /// What the engine says of a network, if it has it.
    pub async fn inspect(&self, network: &str) -> Result<Option<Value>, FixError> {
        let engine = self.engine.as_ref().ok_or(FixError::NoEngine)?;
        let answer = engine.get(&format!("/networks/{network}")).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let refused = || FixError::EngineRefused {
            action: format!("describe network {network}"),
            reason: quote(&answer.body),
        };
        if !answer.is_success() {
            return Err(refused());
        }
        serde_json::from_str(&answer.body)
            .map(Some)
            .map_err(|_| refused())
    }

    /// The addresses of an interface; none for a folder that stands for a machine.
    pub(super) fn addresses(&self, device: &str) -> BTreeSet<IpAddr> {
        if !self.root.is_machine() {
            return BTreeSet::new();
        }
        nix::ifaddrs::getifaddrs()
            .into_iter()
            .flatten()
            .filter(|interface| interface.interface_name == device)
            .filter_map(|interface| {
                let address = interface.address?;
                let v6 = address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip()));
                v6.or_else(|| address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip())))
            })
            .collect()
    }

    fn setting(&self, key: &str, value: &str) -> Result<Vec<Change>, FixError> {
        let Some(before) = sysctl::read(&self.root, key)? else {
            let path = self.root.path(Path::new("/proc/sys").join(key));
            return Err(FixError::NoFile { path });
        };
        if before == value {
            return Ok(Vec::new());
        }
        Ok(vec![Change::Sysctl {
            key: key.to_owned(),
            before,
            after: value.to_owned(),
            along: sysctl::along(&self.root, key)?,
        }])
    }

    fn module(&self, name: &str) -> Vec<Change> {
        let loaded = self.root.path(Path::new("/sys/module").join(name)).exists();
        let change = || Change::Module {
            name: name.to_owned(),
        };
        (!loaded).then(change).into_iter().collect()
    }

    fn own_line(&self, file: &str, check: &str, line: &str) -> Result<Vec<Change>, FixError> {
        self.edited(Path::new(file), |text| {
            drop_in::with_line(text, check, line)
        })
    }

    /// The changes that give a file the text that `edit` makes of what it is, folders included.
    fn edited(
        &self,
        path: &Path,
        edit: impl FnOnce(Option<&str>) -> String,
    ) -> Result<Vec<Change>, FixError> {
        let before = FileState::read(&self.root.path(path))?;
        let text = match &before {
            None => None,
            Some(state) => Some(state.text().ok_or_else(|| FixError::NoText {
                path: path.to_owned(),
            })?),
        };
        let after = edit(text);
        Ok(self.rewritten(path, before.clone(), &after))
    }

    fn rewritten(&self, path: &Path, before: Option<FileState>, text: &str) -> Vec<Change> {
        let after = before.as_ref().map_or_else(
            || FileState::new(text.as_bytes()),
            |state| state.with_content(text.as_bytes()),
        );
        if before.as_ref() == Some(&after) {
            return Vec::new();
        }
        let mut changes = self.missing_folders(path);
        changes.push(Change::File {
            path: path.to_owned(),
            sha256: after.hash(),
            before,
            after,
        });
        changes
    }

    fn missing_folders(&self, path: &Path) -> Vec<Change> {
        let mut missing: Vec<PathBuf> = path
            .ancestors()
            .skip(1)
            .take_while(|folder| !self.root.path(folder).exists())
            .map(Path::to_owned)
            .collect();
        missing.reverse();
        missing
            .into_iter()
            .map(|path| Change::Folder { path })
            .collect()
    }

    async fn daemon_json(
        &self,
        path: &Path,
        edits: &[daemon_json::Edit],
        validate: bool,
    ) -> Result<Vec<Change>, FixError> {
        let before = FileState::read(&self.root.path(path))?;
        let text = match &before {
            None => None,
            Some(state) => Some(state.text().ok_or_else(|| FixError::NoText {
                path: path.to_owned(),
            })?),
        };
        let after = daemon_json::with_edits(text, edits)?;
        if text == Some(after.as_str()) || (text.is_none() && after.trim() == "{}") {
            return Ok(Vec::new());
        }
        if validate {
            self.validate(path, &after).await?;
        }
        let mut changes = Vec::new();
        if let Some(before) = &before {
            let time = self.clock.now().strftime("%Y%m%dT%H%M%SZ");
            let backup = PathBuf::from(format!("{}.garden6.{time}", path.display()));
            changes.push(Change::File {
                path: backup,
                before: None,
                after: before.clone(),
                sha256: before.hash(),
            });
        }
        changes.extend(self.rewritten(path, before.clone(), &after));
        Ok(changes)
    }

    /// Lets the engine's own program judge a configuration, where it is on this machine.
    async fn validate(&self, path: &Path, text: &str) -> Result<(), FixError> {
        let program = find("dockerd");
        if !program.is_absolute() {
            return Ok(());
        }
        let broken = |source| FileError::new("write", path, source);
        let candidate = tempfile::NamedTempFile::new().map_err(broken)?;
        fs::write(candidate.path(), text).map_err(broken)?;
        let config = candidate.path().display().to_string();
        let judged = Command::new(program)
            .args(["--validate", "--config-file", &config])
            .timeout(Duration::from_secs(10))
            .run()
            .await;
        judged.map(drop).map_err(|error| FixError::Refused {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    async fn network(&self, name: &str, id: &str) -> Result<Vec<Change>, FixError> {
        let Some(document) = self.inspect(id).await? else {
            return Ok(Vec::new());
        };
        if let Some(reason) = network::reason_to_keep(&document) {
            return Err(FixError::NetworkInUse {
                name: name.to_owned(),
                reason,
            });
        }
        Ok(vec![Change::DockerNetwork {
            name: name.to_owned(),
            document,
        }])
    }
}

/// A program by name, also where `PATH` lacks the folders of the system.
fn find(program: &str) -> PathBuf {
    which::which(program).unwrap_or_else(|_| {
        SYSTEM_FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join(program))
            .find(|path| path.is_file())
            .unwrap_or_else(|| PathBuf::from(program))
    })
}
