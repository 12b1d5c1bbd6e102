//! The `config.json` of Docker and the `auth.json` of Podman.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;
use thiserror::Error;

use super::Credential;
use crate::{
    fsutil::{self, FileError},
    mirror::{DEFAULT_REGISTRY, ImageRef},
};

/// Docker Hub's key, from the time of its first protocol.
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Stored credentials.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthFile {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase", default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Entry")
    }
}

/// Why stored credentials cannot be used.
#[derive(Debug, Error)]
pub enum AuthFileError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not what Docker writes.
    #[error("{} holds no credentials: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Where the credentials of a registry are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A program knows them: `docker-credential-NAME`, asked for this key.
    Helper {
        /// The program's name after `docker-credential-`.
        name: String,
        /// The key.
        key: String,
    },
    /// They are in the file.
    Here(Credential),
}

impl AuthFile {
    /// Reads a file; one that is absent is empty.
    pub fn read(path: &Path) -> Result<Self, AuthFileError> {
        let Some(text) = fsutil::read_optional(path)? else {
            return Ok(Self::default());
        };
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        Self::parse(&text).map_err(|reason| AuthFileError::Malformed {
            path: path.to_owned(),
            reason,
        })
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Where the credentials for a repository are: a helper of its registry, then the helper of all, then the
    /// file itself, the longest path first.
    ///
    /// # Errors
    ///
    /// The entry is there and cannot be read.
    pub(super) fn find(&self, registry: &str, repository: &str) -> Result<Option<Found>, String> {
        let names = names_of(registry);
        let helper = self
            .cred_helpers
            .iter()
            .find(|(key, _)| names.contains(&host_of(key)))
            .map(|(_, helper)| helper)
            .or(self.creds_store.as_ref())
            .filter(|helper| !helper.is_empty());
        if let Some(name) = helper {
            return Ok(Some(Found::Helper {
                name: name.clone(),
                key: helper_key(registry),
            }));
        }
        self.entry(&names, repository)
            .map_or(Ok(None), Entry::credential)
            .map(|credential| credential.map(Found::Here))
    }

    /// What the file itself says, even where there is a helper: an entry may stay from before the helper came.
    pub(super) fn find_here(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Credential>, String> {
        self.entry(&names_of(registry), repository)
            .map_or(Ok(None), Entry::credential)
    }

    fn entry(&self, names: &[String], repository: &str) -> Option<&Entry> {
        let mut path = repository;
        while !path.is_empty() {
            for name in names {
                let wanted = format!("{name}/{path}");
                let mut entries = self.auths.iter();
                if let Some((_, entry)) =
                    entries.find(|(key, _)| key.trim_end_matches('/') == wanted)
                {
                    return Some(entry);
                }
            }
            path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        let mut entries = self.auths.iter();
        entries
            .find(|(key, _)| is_whole_registry(key) && names.contains(&host_of(key)))
            .map(|(_, entry)| entry)
    }
}

impl Entry {
    fn credential(&self) -> Result<Option<Credential>, String> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Credential::Registry { token }));
        }
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential::Identity { token }));
        }
        if let Some(auth) = filled(&self.auth) {
            return decode(&auth).map(Some);
        }
        Ok(match (filled(&self.username), filled(&self.password)) {
            (Some(user), Some(password)) => Some(Credential::Password { user, password }),
            _ => None,
        })
    }
}

/// `user:password` in base 64; some tools leave out the padding.
fn decode(auth: &str) -> Result<Credential, String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let bytes = LENIENT
        .decode(auth.trim())
        .map_err(|_| "`auth` is not base 64".to_owned())?;
    let text = String::from_utf8(bytes).map_err(|_| "`auth` is not text".to_owned())?;
    let (user, password) = text
        .split_once(':')
        .ok_or_else(|| "`auth` is not USER:PASSWORD".to_owned())?;
    Ok(Credential::Password {
        user: user.to_owned(),
        // Some tools pad with zero bytes.
        password: password.trim_end_matches('\0').to_owned(),
    })
}

/// The names under which the credentials of a registry may be stored.
fn names_of(registry: &str) -> Vec<String> {
    let canonical = canonical(registry);
    if canonical == DEFAULT_REGISTRY {
        return ["index.docker.io", "docker.io", "registry-1.docker.io"]
            .map(str::to_owned)
            .to_vec();
    }
    vec![canonical]
}

fn canonical(registry: &str) -> String {
    format!("{registry}/x").parse::<ImageRef>().map_or_else(
        |_| registry.to_ascii_lowercase(),
        |image| image.canonical_registry(),
    )
}

/// What a helper is asked for.
fn helper_key(registry: &str) -> String {
    match canonical(registry) {
        hub if hub == DEFAULT_REGISTRY => HUB_KEY.to_owned(),
        other => other,
    }
}

/// The host of a key: `https://host/v1/`, `host`, `host/path`; literals in the form that is compared.
fn host_of(key: &str) -> String {
    let bare = key
        .strip_prefix("https://")
        .or(key.strip_prefix("http://"))
        .unwrap_or(key);
    let host = bare.split('/').next().unwrap_or_default();
    // `docker.io` and `index.docker.io` are different keys, so the name is only changed in form.
    if host.starts_with('[') {
        canonical(host)
    } else {
        host.to_ascii_lowercase()
    }
}

/// Docker's keys have no path but that of a version of the protocol.
fn is_whole_registry(key: &str) -> bool {
    let bare = key
        .strip_prefix("https://")
        .or(key.strip_prefix("http://"))
        .unwrap_or(key);
    let path = bare.split_once('/').map_or("", |(_, path)| path);
    matches!(path.trim_matches('/'), "" | "v1" | "v2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(found: Option<Found>) -> String {
        match found {
            Some(Found::Here(Credential::Password { user, .. })) => user,
            Some(Found::Helper { name, key }) => format!("{name} {key}"),
            other => format!("{other:?}"),
        }
    }

    fn auth(user: &str) -> String {
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(format!("{user}:pass:word"))
    }

    #[test]
    fn entries_are_found_under_every_name_docker_and_podman_give_them() {
        let text = format!(
            r#"{{"auths": {{
                "https://index.docker.io/v1/": {{"auth": "{hub}"}},
                "https://reg.io": {{"auth": "{reg}"}},
                "reg.io/team": {{"auth": "{team}"}},
                "reg.io/team/app": {{"auth": "{app}"}},
                "[0:0::1]:5000": {{"auth": "{literal}"}},
                "token.io": {{"identitytoken": "t"}},
                "plain.io": {{"username": "plain", "password": "p"}},
                "empty.io": {{}}
            }}}}"#,
            hub = auth("hub"),
            reg = auth("reg"),
            team = auth("team"),
            app = auth("app"),
            literal = auth("literal"),
        );
        let file = AuthFile::parse(&text).unwrap();
        for (registry, repository, expected) in [
            ("docker.io", "library/alpine", "hub"),
            ("registry-1.docker.io", "library/alpine", "hub"),
            ("reg.io", "other/app", "reg"),
            ("REG.io", "other/app", "reg"),
            ("reg.io", "team/app/part", "app"),
            ("reg.io", "team/other", "team"),
            ("reg.io", "teams/other", "reg"),
            ("[::1]:5000", "a", "literal"),
            ("plain.io", "a", "plain"),
            ("empty.io", "a", "None"),
            ("reg.io:443", "a", "None"),
        ] {
            let found = file.find(registry, repository).unwrap();
            assert_eq!(user(found), expected, "{registry}/{repository}");
        }
        assert_eq!(
            file.find("token.io", "a").unwrap(),
            Some(Found::Here(Credential::Identity {
                token: "t".to_owned()
            }))
        );
    }

    #[test]
    fn a_password_may_hold_colons() {
        assert_eq!(
            decode(&auth("robot")).unwrap(),
            Credential::Password {
                user: "robot".to_owned(),
                password: "pass:word".to_owned()
            }
        );
        assert!(decode("!").is_err());
    }

    #[test]
    fn helpers_come_before_the_file_and_hub_has_its_old_key() {
        let file = AuthFile::parse(
            r#"{"credsStore": "all", "credHelpers": {"reg.io": "one", "https://other.io": "two"}}"#,
        )
        .unwrap();
        for (registry, expected) in [
            ("reg.io", "one reg.io"),
            ("other.io", "two other.io"),
            ("docker.io", "all https://index.docker.io/v1/"),
            ("[0::1]:5000", "all [::1]:5000"),
        ] {
            assert_eq!(user(file.find(registry, "a").unwrap()), expected);
        }
    }
}
