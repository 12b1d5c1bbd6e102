//! Arguments that several commands about images share: which files, and where copies go.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::resolve::OverwriteArgs;
use crate::{
    commands::images::sources::SourceRequest,
    failure::Failure,
    mirror::{
        plan::{DraftSettings, Filter, Naming, Platform, Platforms, Target},
        vector::Question,
    },
};

/// Which files, and what of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
pub(in crate::cli) struct SourceArgs {
    /// Image vector, list of copies, manifest, kind's cluster document, list of references or containerd's
    /// config.toml; or a folder of such, or - for standard input
    #[arg(short, long = "file", alias = "filename", value_name = "PATH", num_args = 1..)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    overwrites: OverwriteArgs,
    /// Of image vectors, only what a look-up finds for this Kubernetes version of the cluster that runs images
    #[arg(long, value_name = "VERSION")]
    runtime_version: Option<String>,
    /// Of image vectors, only what a look-up finds for this Kubernetes version of the cluster that images work
    /// on; also the tag of an entry without one (can be repeated)
    #[arg(long = "target-version", value_name = "VERSION")]
    target_versions: Vec<String>,
    /// Of image vectors, only what a look-up finds for this architecture (can be repeated)
    #[arg(long = "arch", value_name = "ARCH")]
    architectures: Vec<String>,
    /// Tag of an entry of an image vector that has none
    #[arg(long, value_name = "TAG")]
    release: Option<String>,
}

/// The scheme of names.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum NamingWord {
    /// The last two parts of the path, as Gardener names its copies
    #[default]
    Gardener,
    /// Registry and path: every source has a name of its own
    Full,
}

/// Where copies go, and of which images.
#[derive(Debug, Args)]
#[command(next_help_heading = "Copies")]
pub(in crate::cli) struct PlacementArgs {
    /// Where copies go; without it, where a list of copies says
    #[arg(long, value_name = "REGISTRY[/PREFIX]")]
    target: Option<Target>,
    /// How copies are named below that place
    #[arg(long, value_name = "SCHEME", default_value = "gardener")]
    naming: NamingWord,
    /// Only images of this registry (can be repeated)
    #[arg(long = "registry", value_name = "REGISTRY")]
    registries: Vec<String>,
    /// Leave out repositories, as in registry.k8s.io/coredns/* (can be repeated)
    #[arg(long = "exclude", value_name = "REGISTRY/REPOSITORY")]
    excluded: Vec<String>,
    /// Only tags that this regular expression matches as a whole
    #[arg(long, value_name = "REGEX")]
    tags: Option<String>,
    /// Only images of registries without IPv6 or with tight pull limits, by a built-in list; `images list
    /// --online` tests them from here
    #[arg(long)]
    needed: bool,
}

impl SourceArgs {
    /// Makes sure that there is a file.
    pub(in crate::cli) fn require_files(&self) -> Result<(), Failure> {
        if self.files.is_empty() {
            return Err(Failure::usage("no file is named").hint("name one with `-f FILE`"));
        }
        Ok(())
    }
}

impl PlacementArgs {
    /// What decides where copies go.
    pub(in crate::cli) fn settings(
        self,
        platforms: Vec<Platform>,
    ) -> Result<DraftSettings, Failure> {
        let filter = Filter::default()
            .registries(&self.registries)
            .and_then(|filter| filter.tags(self.tags.as_deref()))
            .map_err(Failure::usage)?
            .excluding(&self.excluded)
            .needed(self.needed);
        Ok(DraftSettings {
            target: self.target,
            naming: match self.naming {
                NamingWord::Gardener => Naming::Gardener,
                NamingWord::Full => Naming::Full,
            },
            platforms: Platforms::of(platforms),
            filter,
        })
    }
}

impl From<SourceArgs> for SourceRequest {
    fn from(args: SourceArgs) -> Self {
        let each = |values: Vec<String>| -> Vec<Option<String>> {
            if values.is_empty() {
                vec![None]
            } else {
                values.into_iter().map(Some).collect()
            }
        };
        let is_asked = args.runtime_version.is_some()
            || !args.target_versions.is_empty()
            || !args.architectures.is_empty();
        let architectures = each(args.architectures);
        let mut questions = Vec::new();
        if is_asked {
            for target_version in each(args.target_versions) {
                questions.extend(architectures.iter().map(|architecture| Question {
                    runtime_version: args.runtime_version.clone(),
                    target_version: target_version.clone(),
                    architecture: architecture.clone(),
                }));
            }
        }
        Self {
            paths: args.files,
            overwrites: args.overwrites.into(),
            questions,
            release: args.release,
        }
    }
}
