//! The file system that is looked at and changed.

use std::path::{Path, PathBuf};

/// Where `/` is. Everything the doctor reads and changes by path goes through here, so that a
/// folder can stand for a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// The machine itself.
    pub fn machine() -> Self {
        Self(PathBuf::from("/"))
    }

    /// A folder that stands for a machine.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Where an absolute path of the machine really is.
    pub fn path(&self, absolute: impl AsRef<Path>) -> PathBuf {
        let absolute = absolute.as_ref();
        self.0.join(absolute.strip_prefix("/").unwrap_or(absolute))
    }

    /// Whether this is the machine itself.
    pub fn is_machine(&self) -> bool {
        self.0 == Path::new("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        let root = Root::at("/tmp/host");
        assert_eq!(root.path("/etc/hosts"), Path::new("/tmp/host/etc/hosts"));
        assert_eq!(root.path("proc/x"), Path::new("/tmp/host/proc/x"));
        let machine = Root::machine();
        assert_eq!(machine.path("/etc/hosts"), Path::new("/etc/hosts"));
        assert!(machine.is_machine() && !root.is_machine());
    }
}
