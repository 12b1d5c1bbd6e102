//! `/proc/mounts` and `/proc/swaps`.

use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where it is.
    pub path: PathBuf,
    /// Its type.
    pub fstype: String,
    /// Its options.
    pub options: Vec<String>,
}

impl Mount {
    /// Whether it is read-only.
    pub fn is_read_only(&self) -> bool {
        self.options.iter().any(|option| option == "ro")
    }
}

/// Reads `/proc/mounts`.
pub fn mounts(text: &str) -> Vec<Mount> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (_, path, fstype) = (words.next()?, words.next()?, words.next()?);
            let options = words.next().unwrap_or_default();
            Some(Mount {
                path: PathBuf::from(unescaped(path)),
                fstype: fstype.to_owned(),
                options: options.split(',').map(str::to_owned).collect(),
            })
        })
        .collect()
}

/// Spaces, tabs, line ends and backslashes are written as three octal digits.
fn unescaped(text: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        found.push_str(before);
        let code = behind
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code {
            found.push(char::from(code));
            rest = &behind[3..];
        } else {
            found.push('\\');
            rest = behind;
        }
    }
    found.push_str(rest);
    found
}

/// The file system that holds `path`: the last of those mounted nearest to it.
pub fn holding<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.path))
        .max_by_key(|mount| mount.path.components().count())
}

/// Whether `/proc/swaps` lists one.
pub fn has_swap(text: &str) -> bool {
    text.lines().skip(1).any(|line| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
proc /proc/sys proc ro,nosuid 0 0
/dev/sda1 /var/lib/docker ext4 rw 0 0
C:\\134 /mnt/c\\040d 9p rw,dirsync 0 0
broken
";

    #[test]
    fn the_nearest_mount_holds_a_path() {
        let mounts = mounts(TEXT);
        let fstype = |path: &str| holding(&mounts, Path::new(path)).map(|mount| &*mount.fstype);
        assert_eq!(fstype("/var/lib/docker/x"), Some("ext4"));
        assert_eq!(fstype("/var/lib/dockerx"), Some("overlay"));
        assert_eq!(fstype("/mnt/c d/src"), Some("9p"));
        let sys = holding(&mounts, Path::new("/proc/sys")).unwrap();
        assert!(sys.is_read_only());
    }

    #[test]
    fn swap_is_more_than_the_heading() {
        assert!(!has_swap("Filename Type Size Used Priority\n"));
        assert!(has_swap(
            "Filename Type Size Used Priority\n/swap file 1 0 -2\n"
        ));
    }
}
