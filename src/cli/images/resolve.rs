//! Arguments of `garden6 images resolve`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::env,
    commands::images::{resolve, vector::Overwrites},
    mirror::vector::Question,
    ui::Format,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Most points win: 2 for a version constraint that begins with `=` or three numbers, 1 for any other
that holds, 2 for the only architecture of an entry, 1 for one of several. An earlier entry wins a tie.

Exit codes: 0 found; 1 an image was not found; 2 a file is missing or wrong.

Examples:
  garden6 images resolve --vector images.yaml --name etcd
  garden6 images resolve --vector images.yaml --name hyperkube --target-version 1.37.0 --arch arm64
  garden6 images resolve --vector images.yaml -o json")]
pub(in crate::cli) struct ResolveArgs {
    #[command(flatten)]
    vector: VectorArgs,
    /// Name of an image; without any, all are looked up (can be repeated)
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    question: QuestionArgs,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Args)]
struct VectorArgs {
    /// Image vector
    #[arg(long, value_name = "FILE")]
    vector: PathBuf,
    #[command(flatten)]
    overwrites: OverwriteArgs,
}

/// What is said instead of the vector.
#[derive(Debug, Args)]
pub(super) struct OverwriteArgs {
    /// Vector whose entries overwrite those of the same name, constraints and architectures (can be repeated)
    #[arg(long = "overwrite", value_name = "FILE", env = env::IMAGE_VECTOR_OVERWRITE)]
    overwrite_files: Vec<PathBuf>,
    /// Overwrites of components with vectors of their own; needs `--component`
    #[arg(long, value_name = "FILE", env = env::COMPONENT_OVERWRITES)]
    component_overwrites: Option<PathBuf>,
    /// Component whose overwrite applies, as in etcd-druid
    #[arg(long, value_name = "NAME", requires = "component_overwrites")]
    component: Option<String>,
}

/// What images are for.
#[derive(Debug, Args)]
pub(super) struct QuestionArgs {
    /// Kubernetes version of the cluster that runs the image
    #[arg(long, value_name = "VERSION")]
    runtime_version: Option<String>,
    /// Kubernetes version of the cluster that the image works on; also the tag of an entry without one
    #[arg(long, value_name = "VERSION")]
    target_version: Option<String>,
    /// Architecture; amd64 without it
    #[arg(long = "arch", visible_alias = "architecture", value_name = "ARCH")]
    architecture: Option<String>,
    /// Tag where neither the vector nor `--target-version` gives one: the component's own release
    #[arg(long, value_name = "TAG")]
    release: Option<String>,
}

impl From<OverwriteArgs> for Overwrites {
    fn from(args: OverwriteArgs) -> Self {
        // An empty variable is as good as none, as upstream.
        let is_named = |path: &PathBuf| !path.as_os_str().is_empty();
        Self {
            files: args.overwrite_files.into_iter().filter(is_named).collect(),
            components: args.component_overwrites.filter(is_named),
            component: args.component,
        }
    }
}

impl QuestionArgs {
    /// The question, and the tag where there would be none.
    pub(super) fn split(self) -> (Question, Option<String>) {
        let question = Question {
            runtime_version: self.runtime_version,
            target_version: self.target_version,
            architecture: self.architecture,
        };
        (question, self.release)
    }
}

impl From<ResolveArgs> for resolve::Request {
    fn from(args: ResolveArgs) -> Self {
        let (question, release) = args.question.split();
        Self {
            vector: args.vector.vector,
            overwrites: args.vector.overwrites.into(),
            names: args.names,
            question,
            release,
            format: args.format,
        }
    }
}
