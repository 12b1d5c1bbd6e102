//! Kernel settings below `/proc/sys`, and what the kernel changes along with some of them.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{change::dotted, error::FixError};
use crate::{doctor::Root, fsutil::FileError};

/// Settings of one family that exist once per interface, under names such as `all`, `default`, `lo`.
const V4: &str = "net/ipv4/conf";
const V6: &str = "net/ipv6/conf";

/// The value of a setting; none where the kernel has no such setting.
pub(super) fn read(root: &Root, key: &str) -> Result<Option<String>, FileError> {
    let path = root.path(Path::new("/proc/sys").join(key));
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" "))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::new("read", &path, source)),
    }
}

/// Writes a setting and reads it again. The file belongs to the kernel: it is written directly.
pub(super) fn write(root: &Root, key: &str, value: &str) -> Result<(), FixError> {
    let path = root.path(Path::new("/proc/sys").join(key));
    fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(&path)
        .and_then(|mut file| io::Write::write_all(&mut file, format!("{value}\n").as_bytes()))
        .map_err(|source| FileError::new("write", &path, source))?;
    let found = read(root, key)?.unwrap_or_default();
    if found == value {
        return Ok(());
    }
    Err(FixError::SettingKept {
        key: dotted(key),
        wanted: value.to_owned(),
        found,
    })
}

/// The settings that the kernel may change when `key` is written (ip-sysctl.rst: `all` reaches every
/// interface, and IPv4 forwarding switches redirects).
pub(super) fn along(root: &Root, key: &str) -> Result<BTreeMap<String, String>, FileError> {
    let (folder, names): (&str, &[&str]) = match key {
        "net/ipv6/conf/all/disable_ipv6" => (V6, &["disable_ipv6"]),
        "net/ipv6/conf/all/forwarding" => (V6, &["forwarding"]),
        "net/ipv4/ip_forward" => (V4, &["forwarding", "accept_redirects"]),
        _ => return Ok(BTreeMap::new()),
    };
    let path = root.path(Path::new("/proc/sys").join(folder));
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(FileError::new("read", &path, source)),
    };
    let mut settings = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|source| FileError::new("read", &path, source))?;
        for name in names {
            let other = format!("{folder}/{}/{name}", entry.file_name().to_string_lossy());
            if other != key
                && let Some(value) = read(root, &other)?
            {
                settings.insert(other, value);
            }
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        for (key, value) in [
            ("net/ipv6/conf/all/disable_ipv6", "1\n"),
            ("net/ipv6/conf/lo/disable_ipv6", "1\n"),
            ("net/ipv6/conf/eth0.7/disable_ipv6", "0\n"),
            ("net/ipv4/tcp_rmem", "4096\t131072\t6291456\n"),
        ] {
            let path = root.path(Path::new("/proc/sys").join(key));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, value).unwrap();
        }
        (folder, root)
    }

    #[test]
    fn values_are_read_without_the_kernels_white_space() {
        let (_folder, root) = machine();
        assert_eq!(
            read(&root, "net/ipv4/tcp_rmem").unwrap().unwrap(),
            "4096 131072 6291456"
        );
        assert_eq!(read(&root, "net/none").unwrap(), None);
        write(&root, "net/ipv6/conf/lo/disable_ipv6", "0").unwrap();
        assert_eq!(
            read(&root, "net/ipv6/conf/lo/disable_ipv6")
                .unwrap()
                .unwrap(),
            "0"
        );
        assert!(write(&root, "net/none", "0").is_err());
    }

    #[test]
    fn what_the_kernel_changes_along_is_known_beforehand() {
        let (_folder, root) = machine();
        let along = along(&root, "net/ipv6/conf/all/disable_ipv6").unwrap();
        assert_eq!(
            along,
            BTreeMap::from([
                (
                    "net/ipv6/conf/eth0.7/disable_ipv6".to_owned(),
                    "0".to_owned()
                ),
                ("net/ipv6/conf/lo/disable_ipv6".to_owned(), "1".to_owned()),
            ])
        );
        assert!(
            super::along(&root, "net/ipv4/ip_forward")
                .unwrap()
                .is_empty()
        );
    }
}
