//! Stored credentials, from wherever they are.

use std::{collections::HashMap, path::PathBuf};

use tokio::sync::Mutex;

use super::{AuthFile, AuthFileError, Credential, config_file::Found, helper};

type Answer = Result<Option<Credential>, String>;

/// The credentials of the user. Helpers are asked once per registry.
#[derive(Debug, Default)]
pub struct CredentialStore {
    files: Vec<AuthFile>,
    /// By helper and key.
    helped: Mutex<HashMap<(String, String), Answer>>,
}

impl CredentialStore {
    /// Nobody's credentials.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// The credentials in files, the first that has some for a registry decides. Absent files are empty.
    pub fn read(files: &[PathBuf]) -> Result<Self, AuthFileError> {
        Ok(Self::of(
            files
                .iter()
                .map(|path| AuthFile::read(path))
                .collect::<Result<_, _>>()?,
        ))
    }

    /// The credentials in files that were read.
    pub fn of(files: Vec<AuthFile>) -> Self {
        Self {
            files,
            helped: Mutex::default(),
        }
    }

    /// The credentials for a repository, if there are any.
    pub(super) async fn find(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Credential>, String> {
        for file in &self.files {
            let credential = match file.find(registry, repository)? {
                Some(Found::Here(credential)) => Some(credential),
                Some(Found::Helper { name, key }) => match self.ask(&name, &key).await? {
                    Some(credential) => Some(credential),
                    None => file.find_here(registry, repository)?,
                },
                None => None,
            };
            if credential.is_some() {
                return Ok(credential);
            }
        }
        Ok(None)
    }

    async fn ask(&self, name: &str, key: &str) -> Result<Option<Credential>, String> {
        // Held while the helper runs, so that many requests ask it once.
        let mut helped = self.helped.lock().await;
        let entry = (name.to_owned(), key.to_owned());
        if let Some(known) = helped.get(&entry) {
            return known.clone();
        }
        let answer = helper::ask(name, key).await;
        helped.insert(entry, answer.clone());
        answer
    }
}
