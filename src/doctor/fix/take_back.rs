//! One change taken back: exactly to what it was, or not at all.

use std::{collections::BTreeMap, fs, io, path::Path};

use http::Method;
use serde_json::Value;

use super::{
    change::Change, error::FixError, file_state::FileState, journal::Entry, machine::Hands,
    network, sysctl,
};
use crate::fsutil::{FileError, remove_optional};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it was before.
    Restored,
    /// It was so already.
    Already,
    /// It stays, and that harms nobody.
    Kept {
        /// Why.
        reason: String,
    },
    /// It stays because somebody else changed it since.
    Refused {
        /// What was found.
        reason: String,
    },
    /// A service has to read its configuration once everything else is restored.
    Later,
}

impl Hands {
    /// Takes a change back.
    pub async fn take_back(&self, entry: &Entry) -> Result<Outcome, FixError> {
        match &entry.change {
            Change::File {
                path,
                before,
                sha256,
                ..
            } => self.file_back(path, before.as_ref(), sha256),
            Change::Folder { path } => self.folder_back(path),
            Change::Sysctl {
                key,
                before,
                after,
                along,
            } => self.setting_back(key, before, after, along, &entry.along),
            Change::Module { name } => self.module_back(name).await,
            Change::Address { address, device } => {
                if !self.addresses(device).contains(&address.network()) {
                    return Ok(Outcome::Already);
                }
                let address = address.to_string();
                self.run(&["ip", "address", "del", &address, "dev", device])
                    .await?;
                Ok(Outcome::Restored)
            }
            Change::DockerNetwork { name, document } => self.network_back(name, document).await,
            Change::Service { .. } => Ok(Outcome::Later),
        }
    }

    fn file_back(
        &self,
        path: &Path,
        before: Option<&FileState>,
        written: &str,
    ) -> Result<Outcome, FixError> {
        let place = self.root.path(path);
        let now = FileState::read(&place)?;
        if now.as_ref() == before {
            return Ok(Outcome::Already);
        }
        match now {
            Some(state) if state.hash() == written => {}
            Some(_) => return Ok(refused(format!("{} was changed since", path.display()))),
            None => return Ok(refused(format!("{} was removed since", path.display()))),
        }
        match before {
            Some(state) => state.write(&place)?,
            None => remove_optional(&place)?,
        }
        Ok(Outcome::Restored)
    }

    fn folder_back(&self, path: &Path) -> Result<Outcome, FixError> {
        let place = self.root.path(path);
        match fs::remove_dir(&place) {
            Ok(()) => Ok(Outcome::Restored),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Outcome::Already),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Outcome::Kept {
                reason: format!("{} is not empty", path.display()),
            }),
            Err(source) => Err(FileError::new("remove", &place, source).into()),
        }
    }

    fn setting_back(
        &self,
        key: &str,
        before: &str,
        written: &str,
        along: &BTreeMap<String, String>,
        along_after: &BTreeMap<String, String>,
    ) -> Result<Outcome, FixError> {
        let Some(now) = sysctl::read(&self.root, key)? else {
            // The interface is gone, and its settings with it.
            return Ok(Outcome::Already);
        };
        if now != before && now != written {
            return Ok(refused(format!(
                "{} is {now}, which is neither {written} nor {before}",
                super::change::dotted(key)
            )));
        }
        // What somebody set on one interface since then is theirs and stays.
        let current = sysctl::along(&self.root, key)?;
        let mut wanted = BTreeMap::new();
        for (other, value) in &current {
            let ours = along_after.get(other).is_none_or(|after| after == value);
            let target = along.get(other).filter(|_| ours).unwrap_or(value);
            wanted.insert(other, target);
        }
        if now == before
            && wanted
                .iter()
                .all(|(other, value)| current[*other] == **value)
        {
            return Ok(Outcome::Already);
        }
        if now != before {
            sysctl::write(&self.root, key, before)?;
        }
        for (other, value) in wanted {
            if sysctl::read(&self.root, other)?.is_some_and(|now| now != *value) {
                sysctl::write(&self.root, other, value)?;
            }
        }
        Ok(Outcome::Restored)
    }

    async fn module_back(&self, name: &str) -> Result<Outcome, FixError> {
        let folder = self.root.path(Path::new("/sys/module").join(name));
        if !folder.exists() {
            return Ok(Outcome::Already);
        }
        let users = fs::read_to_string(folder.join("refcnt")).unwrap_or_default();
        if users.trim() != "0" {
            return Ok(Outcome::Kept {
                reason: format!("module {name} is in use"),
            });
        }
        self.run(&["modprobe", "-r", name]).await?;
        Ok(Outcome::Restored)
    }

    async fn network_back(&self, name: &str, document: &Value) -> Result<Outcome, FixError> {
        // The removal may never have happened.
        let id = document.get("Id").and_then(Value::as_str).unwrap_or(name);
        if self.inspect(id).await?.is_some() {
            return Ok(Outcome::Already);
        }
        if let Some(now) = self.inspect(name).await? {
            return Ok(if network::same(&now, document) {
                Outcome::Already
            } else {
                refused(format!("there is another network {name} now"))
            });
        }
        let request = network::create_request(document);
        self.ask(
            Method::POST,
            "/networks/create",
            Some(&request),
            &format!("create network {name}"),
        )
        .await?;
        Ok(Outcome::Restored)
    }
}

const fn refused(reason: String) -> Outcome {
    Outcome::Refused { reason }
}
