//! Files that name images, read for every command that works on what they name.

use std::path::PathBuf;

use super::vector::Overwrites;
use crate::{
    clock::{Clock as _, SystemClock},
    commands::{
        Context,
        validate::input::{Text, texts},
    },
    failure::Failure,
    mirror::{
        inventory::{self, FileKind, Open, Selection},
        plan::{Draft, DraftSettings, PlanError, Wanted},
        vector::{AskedVersion, Question},
    },
};

/// Which files, and what of them.
#[derive(Clone, Debug, Default)]
pub struct SourceRequest {
    /// Files, folders, or `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// What is said instead of image vectors.
    pub overwrites: Overwrites,
    /// What images of vectors are for; all entries count, where nothing is said.
    pub questions: Vec<Question>,
    /// The tag of an entry that has none.
    pub release: Option<String>,
}

/// What the files name.
pub(super) struct Sources {
    /// The files, and of which kind they are.
    pub(super) files: Vec<(Text, FileKind)>,
    /// Their images.
    pub(super) wanted: Vec<Wanted>,
    /// Entries of which the version is not known.
    pub(super) open: Vec<Open>,
}

impl Sources {
    /// Reads all files.
    pub(super) fn read(request: &SourceRequest) -> Result<Self, Failure> {
        let selection = request.selection()?;
        let mut sources = Self {
            files: Vec::new(),
            wanted: Vec::new(),
            open: Vec::new(),
        };
        for text in texts(&request.paths)? {
            let now = SystemClock.now();
            let found =
                inventory::read(&text.text, &text.name, &selection, now).map_err(Failure::usage)?;
            sources.wanted.extend(found.images);
            sources.open.extend(found.open);
            sources.files.push((text, found.kind));
        }
        Ok(sources)
    }

    /// Where the copies of all images go.
    pub(super) fn draft(&self, settings: &DraftSettings) -> Result<Draft, Failure> {
        Draft::new(&self.wanted, settings).map_err(plan_failure)
    }

    /// Tells of entries of which the version is not known.
    pub(super) fn warn_of_open(&self, context: &Context) {
        let Some(first) = self.open.first() else {
            return;
        };
        context.ui.progress().warn(format!(
            "{} entries have no tag and are left out, the first is {}: `--target-version VERSION` or `--release TAG` \
             gives them one",
            self.open.len(),
            first.origin
        ));
    }
}

impl SourceRequest {
    fn selection(&self) -> Result<Selection, Failure> {
        for question in &self.questions {
            let versions = [&question.runtime_version, &question.target_version];
            for version in versions.into_iter().flatten() {
                AskedVersion::read(version).map_err(Failure::usage)?;
            }
        }
        Ok(Selection {
            questions: self.questions.clone(),
            release: self.release.clone(),
            overwrites: self.overwrites.read()?,
        })
    }
}

/// What cannot be planned is the fault of what was asked for.
pub(super) fn plan_failure(error: PlanError) -> Failure {
    match error {
        PlanError::NoTarget { .. } => {
            Failure::usage(error).hint("say where copies go with `--target REGISTRY/PREFIX`")
        }
        PlanError::Collisions { .. } => Failure::internal(error)
            .hint("`--naming full` gives every source a name of its own")
            .hint("`--exclude REGISTRY/REPOSITORY` leaves a source out"),
        PlanError::Name { .. } => Failure::usage(error),
    }
}
