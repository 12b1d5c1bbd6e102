//! The folder with the files of one attempt.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::redact;
use crate::fsutil::{self, FileError};

/// The most that one file may hold; of more, head and tail are kept.
const MAX_BYTES: usize = 4 << 20;

/// Where the files of an attempt go.
#[derive(Clone, Debug)]
pub(in crate::e2e) struct Folder {
    root: PathBuf,
    relative: String,
}

/// A line of the list of files.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::e2e) struct FileRecord {
    /// The path below the folder of the attempt.
    pub(in crate::e2e) path: String,
    /// Who wrote it.
    pub(in crate::e2e) producer: &'static str,
    /// How large it is.
    pub(in crate::e2e) bytes: usize,
    /// Whether the middle was left out.
    pub(in crate::e2e) truncated: bool,
    /// The path below the artifact folder, as events name it.
    #[serde(skip)]
    pub(in crate::e2e) full: String,
}

impl Folder {
    /// The folder of an attempt below the artifact folder `root`. It is made with the first file.
    pub(in crate::e2e) fn new(root: &Path, case: &str, attempt: u32) -> Self {
        Self {
            root: root.to_owned(),
            relative: format!("cases/{case}/attempt-{attempt}"),
        }
    }

    /// Writes a file without what is secret and without more than fits.
    pub(super) fn write(
        &self,
        path: &str,
        producer: &'static str,
        content: &str,
    ) -> Result<FileRecord, FileError> {
        let content = redact(content);
        let (content, truncated) = head_and_tail(&content, MAX_BYTES);
        let full = format!("{}/{path}", self.relative);
        let file = self.root.join(&full);
        if let Some(folder) = file.parent() {
            fsutil::create_private_dir(folder)?;
        }
        fs::write(&file, content.as_bytes())
            .map_err(|source| FileError::new("write", &file, source))?;
        Ok(FileRecord {
            path: path.to_owned(),
            producer,
            bytes: content.len(),
            truncated,
            full,
        })
    }
}

/// The first and the last half of `limit` bytes, cut between characters.
fn head_and_tail(text: &str, limit: usize) -> (String, bool) {
    if text.len() <= limit {
        return (text.to_owned(), false);
    }
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let head = (0..=limit / 2).rev().find(is_boundary).unwrap_or(0);
    let start = text.len() - limit / 2;
    let tail = (start..=text.len()).find(is_boundary).unwrap_or(start);
    let left_out = tail - head;
    (
        format!(
            "{}\n[{left_out} bytes left out]\n{}",
            &text[..head],
            &text[tail..]
        ),
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_no_secrets_and_are_named_from_the_artifact_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path(), "SVC-01[v6]", 2);
        let record = folder
            .write("k8s/x.txt", "test", "token: abcdefgh")
            .unwrap();
        assert_eq!(record.full, "cases/SVC-01[v6]/attempt-2/k8s/x.txt");
        let text = fs::read_to_string(root.path().join(record.full)).unwrap();
        assert_eq!(text, "token: <redacted>");
    }

    #[test]
    fn the_middle_of_what_is_too_long_is_left_out() {
        let (text, truncated) = head_and_tail("aaaaéézzzz", 10);
        assert!(truncated);
        assert!(text.starts_with("aaaa") && text.ends_with("zzzz"), "{text}");
        assert!(text.contains("bytes left out"));
        assert_eq!(head_and_tail("short", 10), ("short".to_owned(), false));
    }
}
