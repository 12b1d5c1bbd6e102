//! Texts of a machine by path, wherever the machine is.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
};

use flate2::read::MultiGzDecoder;

use crate::doctor::{Fact, Root};

/// Longest file that is read whole; a kernel's list of modules is a twentieth of it.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Where texts of a machine come from.
pub(super) trait Source: Send + Sync {
    /// The content of a file. A folder is its `*.conf` files one after the other, in the order of
    /// their names; a device that can be opened is empty; a `.gz` file is unpacked.
    fn read(&self, path: &str) -> Fact<String>;

    /// The names in a folder, sorted.
    fn list(&self, path: &str) -> Fact<Vec<String>>;

    /// The text of a file, if it could be read.
    fn text(&self, path: &str) -> Option<String> {
        match self.read(path) {
            Fact::Known(text) => Some(text),
            _ => None,
        }
    }

    /// Whether there is anything at `path` that this user can see.
    fn exists(&self, path: &str) -> bool {
        !matches!(self.read(path), Fact::Absent) || matches!(self.list(path), Fact::Known(_))
    }
}

/// This machine, or a folder that stands for one.
#[derive(Clone, Debug)]
pub(super) struct Local(pub(super) Root);

impl Source for Local {
    fn read(&self, path: &str) -> Fact<String> {
        self.read_at(&self.0.path(path)).unwrap_or_else(missing)
    }

    fn list(&self, path: &str) -> Fact<Vec<String>> {
        names(&self.0.path(path)).map_or_else(missing, Fact::Known)
    }

    fn exists(&self, path: &str) -> bool {
        self.0.path(path).exists()
    }
}

impl Local {
    fn read_at(&self, path: &Path) -> io::Result<Fact<String>> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return self.drop_ins(path);
        }
        if metadata.file_type().is_char_device() {
            OpenOptions::new().read(true).write(true).open(path)?;
            return Ok(Fact::Known(String::new()));
        }
        if !metadata.is_file() {
            // A pipe would make us wait for ever.
            return Ok(Fact::Unavailable("it is no ordinary file".to_owned()));
        }
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        if path.extension().is_some_and(|ending| ending == "gz") {
            MultiGzDecoder::new(file)
                .take(MAX_FILE)
                .read_to_end(&mut bytes)?;
        } else {
            file.take(MAX_FILE).read_to_end(&mut bytes)?;
        }
        Ok(Fact::Known(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn drop_ins(&self, folder: &Path) -> io::Result<Fact<String>> {
        let files: Vec<String> = names(folder)?
            .into_iter()
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|ending| ending == "conf")
            })
            .collect();
        if files.is_empty() {
            return Ok(Fact::Absent);
        }
        let mut whole = String::new();
        for name in files {
            match self.read_at(&folder.join(name)).unwrap_or_else(missing) {
                Fact::Known(text) => {
                    whole.push_str(&text);
                    whole.push('\n');
                }
                // A link that leads nowhere sets nothing.
                Fact::Absent => {}
                other => return Ok(other),
            }
        }
        Ok(Fact::Known(whole))
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// The kind of missing that an error of the system means.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it ends `unwrap_or_else`, which hands the error over"
)]
pub(super) fn missing<T>(error: io::Error) -> Fact<T> {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fact::Absent,
        io::ErrorKind::PermissionDenied => Fact::Denied,
        _ if error.raw_os_error() == Some(nix::errno::Errno::ENODEV as i32) => Fact::Absent,
        _ if error.raw_os_error() == Some(nix::errno::Errno::ENXIO as i32) => Fact::Absent,
        _ => Fact::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::{collections::BTreeMap, io::Write as _};

    use super::*;

    /// A machine of texts.
    #[derive(Clone, Debug, Default)]
    pub(in crate::doctor::live) struct Texts(pub(in crate::doctor::live) BTreeMap<String, String>);

    impl Texts {
        pub(in crate::doctor::live) fn of<const N: usize>(files: [(&str, &str); N]) -> Self {
            Self(
                files
                    .map(|(path, text)| (path.to_owned(), text.to_owned()))
                    .into(),
            )
        }
    }

    impl Source for Texts {
        fn read(&self, path: &str) -> Fact<String> {
            Fact::from_option(self.0.get(path).cloned())
        }

        fn list(&self, path: &str) -> Fact<Vec<String>> {
            let folder = format!("{path}/");
            let mut names: Vec<String> = self
                .0
                .keys()
                .filter_map(|file| file.strip_prefix(&folder)?.split('/').next())
                .map(str::to_owned)
                .collect();
            names.dedup();
            if names.is_empty() {
                return Fact::Absent;
            }
            Fact::Known(names)
        }
    }

    #[test]
    fn files_folders_pipes_and_nothing_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("plain"), b"a\xffb").unwrap();
        fs::create_dir(path("conf.d")).unwrap();
        fs::create_dir(path("empty.d")).unwrap();
        for (name, text) in [("b.conf", "second"), ("a.conf", "first"), ("c.txt", "no")] {
            fs::write(path("conf.d").join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("/nowhere", path("conf.d/d.conf")).unwrap();
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let mut packed = flate2::write::GzEncoder::new(
            File::create(path("c.gz")).unwrap(),
            flate2::Compression::fast(),
        );
        packed.write_all(b"CONFIG_X=y").unwrap();
        packed.finish().unwrap();
        let local = Local(Root::at(folder.path()));
        for (name, expected) in [
            ("/plain", Fact::Known("a\u{fffd}b".to_owned())),
            ("/conf.d", Fact::Known("first\nsecond\n".to_owned())),
            ("/empty.d", Fact::Absent),
            ("/plain/below", Fact::Absent),
            ("/none", Fact::Absent),
            (
                "/pipe",
                Fact::Unavailable("it is no ordinary file".to_owned()),
            ),
            ("/c.gz", Fact::Known("CONFIG_X=y".to_owned())),
        ] {
            assert_eq!(local.read(name), expected, "{name}");
        }
        assert_eq!(local.list("/none"), Fact::Absent);
        assert!(local.exists("/empty.d") && !local.exists("/none"));
    }

    #[test]
    fn errors_of_the_system_keep_their_meaning() {
        let of = |code| missing::<()>(io::Error::from_raw_os_error(code));
        assert_eq!(of(nix::errno::Errno::EACCES as i32), Fact::Denied);
        assert_eq!(of(nix::errno::Errno::EPERM as i32), Fact::Denied);
        assert_eq!(of(nix::errno::Errno::ENOENT as i32), Fact::Absent);
        assert_eq!(of(nix::errno::Errno::ENODEV as i32), Fact::Absent);
        assert!(matches!(
            of(nix::errno::Errno::EIO as i32),
            Fact::Unavailable(_)
        ));
    }
}
