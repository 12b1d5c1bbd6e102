//! A whole file as it is, so that it can be put back byte for byte.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use nix::unistd::{Gid, Uid, fchown};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{doctor::hash::sha256, fsutil::FileError};

/// Permission bits of a new file of ours; everybody may read how the machine is configured.
pub(super) const MODE: u32 = 0o644;

/// Content, permission bits and owner of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileState {
    /// The bytes.
    pub content: Content,
    /// Permission bits.
    pub mode: u32,
    /// Owner; where there is none, whoever writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<(u32, u32)>,
}

/// Bytes, written as text where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Written {
    Text(String),
    Base64(String),
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Written::Text(text.to_owned()),
            Err(_) => Written::Base64(BASE64_STANDARD.encode(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Base64(text) => BASE64_STANDARD
                .decode(text)
                .map(Self)
                .map_err(D::Error::custom),
        }
    }
}

impl FileState {
    /// A new file of ours.
    pub fn new(content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: Content(content.into()),
            mode: MODE,
            owner: None,
        }
    }

    /// This file with other content.
    #[must_use]
    pub fn with_content(&self, content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: Content(content.into()),
            ..self.clone()
        }
    }

    /// SHA-256 of the content.
    pub fn hash(&self) -> String {
        sha256(&self.content.0)
    }

    /// The content as text, if it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.content.0).ok()
    }

    /// Reads a file that may be absent.
    ///
    /// # Errors
    ///
    /// Links are refused: what they point to may be read-only, generated, or somebody else's.
    pub fn read(path: &Path) -> Result<Option<Self>, FileError> {
        let refuse = |text: &str| FileError::new("change", path, io::Error::other(text.to_owned()));
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::new("read", path, source)),
        };
        if metadata.is_symlink() {
            let target =
                fs::read_link(path).map_or_else(|_| "?".to_owned(), |to| to.display().to_string());
            return Err(refuse(&format!(
                "it is a link to {target}; change that one yourself"
            )));
        }
        if !metadata.is_file() {
            return Err(refuse("it is no ordinary file"));
        }
        let content = fs::read(path).map_err(|source| FileError::new("read", path, source))?;
        Ok(Some(Self {
            content: Content(content),
            mode: metadata.permissions().mode() & 0o7777,
            owner: Some((metadata.uid(), metadata.gid())),
        }))
    }

    /// Makes the file be like this, in one step where the file system allows it.
    ///
    /// A file that is a mount of its own, as `/etc/hosts` of a container, cannot be replaced and is
    /// overwritten; the journal holds what it was.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let folder = path.parent().unwrap_or_else(|| Path::new("/"));
        let write = || -> io::Result<()> {
            let mut temporary = tempfile::Builder::new()
                .prefix(".garden6-")
                .permissions(fs::Permissions::from_mode(self.mode))
                .tempfile_in(folder)?;
            temporary.write_all(&self.content.0)?;
            if let Some((uid, gid)) = self.owner {
                fchown(
                    temporary.as_file(),
                    Some(Uid::from_raw(uid)),
                    Some(Gid::from_raw(gid)),
                )?;
            }
            // After the owner, whose change takes the set-id bits away, and past the umask.
            temporary
                .as_file()
                .set_permissions(fs::Permissions::from_mode(self.mode))?;
            temporary.as_file().sync_all()?;
            match temporary.persist(path) {
                Ok(_) => File::open(folder)?.sync_all(),
                Err(error) if error.error.kind() == io::ErrorKind::ResourceBusy => {
                    let mut file = OpenOptions::new().write(true).truncate(true).open(path)?;
                    file.write_all(&self.content.0)?;
                    file.sync_all()
                }
                Err(error) => Err(error.error),
            }
        };
        write().map_err(|source| FileError::new("write", path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_byte_for_byte_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("daemon.json");
        for bytes in [b"{}\r\n".as_slice(), b"\xff\x00no text", b""] {
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            let before = FileState::read(&path).unwrap().unwrap();
            before.with_content("changed").write(&path).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"changed");
            let line = serde_json::to_string(&before).unwrap();
            let read: FileState = serde_json::from_str(&line).unwrap();
            read.write(&path).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o640);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn links_are_refused_with_their_target_and_absence_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        assert_eq!(FileState::read(&path).unwrap(), None);
        std::os::unix::fs::symlink("/nix/store/hosts", &path).unwrap();
        let error = FileState::read(&path).unwrap_err();
        assert!(error.source.to_string().contains("/nix/store/hosts"));
    }
}
