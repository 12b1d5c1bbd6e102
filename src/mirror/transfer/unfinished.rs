//! What tells a run that an earlier one to the same registry did not end: a mark that is put down before the first byte
//! moves and taken away after the last.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{Job, Place};
use crate::fsutil::create_private_dir;

/// The marks of one run.
#[derive(Debug)]
#[must_use = "a run whose marks nobody takes away counts as unfinished"]
pub struct RunMarks {
    own: Vec<PathBuf>,
    earlier: Vec<PathBuf>,
    /// Whether marks can be read and put here.
    works: bool,
}

impl RunMarks {
    /// Marks in `folder` that a run to the registries of `jobs` is under way.
    pub fn put(folder: &Path, jobs: &[Job]) -> Self {
        let registries = registries(jobs);
        let mut marks = Self::of(folder, &registries);
        marks.works &= create_private_dir(folder).is_ok();
        for registry in registries {
            let path = folder.join(format!("{registry}.{}", std::process::id()));
            // What outlives a kill need not outlive the machine, so nothing waits for the disk.
            marks.works &= File::create(&path).is_ok();
            marks.own.push(path);
        }
        marks
    }

    /// Looks for marks, and leaves none.
    pub fn find(folder: &Path, jobs: &[Job]) -> Self {
        Self::of(folder, &registries(jobs))
    }

    fn of(folder: &Path, registries: &BTreeSet<String>) -> Self {
        let found = marks_in(folder, registries);
        Self {
            own: Vec::new(),
            works: found.is_ok(),
            earlier: found.unwrap_or_default(),
        }
    }

    /// Whether another run to one of the registries did not end, or nobody can tell.
    pub const fn is_after_unfinished(&self) -> bool {
        !self.works || !self.earlier.is_empty()
    }

    /// All images are where they should be: what earlier runs left undone is done as well.
    pub fn take_away(self) {
        for path in self.own.iter().chain(&self.earlier) {
            // A mark too many costs the next run some questions, nothing else.
            drop(fs::remove_file(path));
        }
    }
}

/// The target registries, as file names. Two that become one name make a run ask more than it has to.
fn registries(jobs: &[Job]) -> BTreeSet<String> {
    let targets = jobs.iter().filter_map(|job| match &job.target {
        Place::Registry(image) => Some(image.registry()),
        Place::Layout { .. } => None,
    });
    targets
        .map(|name| name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"))
        .collect()
}

fn marks_in(folder: &Path, registries: &BTreeSet<String>) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut marks = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let of_one = path
            .file_stem()
            .and_then(|name| name.to_str())
            .is_some_and(|name| registries.contains(name));
        if of_one {
            marks.push(path);
        }
    }
    Ok(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(targets: &[&str]) -> Vec<Job> {
        let place = |text: &str| text.parse::<Place>().unwrap();
        targets
            .iter()
            .map(|target| Job::new(place("docker.io/library/busybox:1"), place(target)))
            .collect()
    }

    #[test]
    fn a_run_that_ended_leaves_no_trace_and_one_that_did_not_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("unfinished");
        let to_local = jobs(&["[::1]:5001/mirror/busybox:1"]);

        let first = RunMarks::put(&folder, &to_local);
        assert!(!first.is_after_unfinished());
        drop(first);

        let elsewhere = RunMarks::find(&folder, &jobs(&["[::1]:5002/mirror/busybox:1"]));
        assert!(!elsewhere.is_after_unfinished());

        let second = RunMarks::put(&folder, &to_local);
        assert!(second.is_after_unfinished());
        second.take_away();
        assert!(!RunMarks::find(&folder, &to_local).is_after_unfinished());
    }

    #[test]
    fn layouts_need_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        let marks = RunMarks::put(folder.path(), &jobs(&["oci:layout:busybox"]));
        assert!(!marks.is_after_unfinished());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn where_no_mark_can_be_put_an_unfinished_run_is_assumed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let marks = RunMarks::put(&file.path().join("below"), &jobs(&["[::1]:5001/busybox:1"]));
        assert!(marks.is_after_unfinished());
    }
}
