//! Arguments that `mirror` and `verify` share.

use std::path::PathBuf;

use clap::Args;

use super::sources::{PlacementArgs, SourceArgs};
use crate::{
    cli::env,
    commands::images::transfers::{Access, Images, Layout},
    config::EnvironmentName,
    failure::Failure,
    mirror::{plan::Platform, transfer::Place},
};

/// Which images.
#[derive(Debug, Args)]
pub(super) struct ImagesArgs {
    /// Image to copy: a reference, or oci:FOLDER:NAME
    #[arg(value_name = "SOURCE", requires = "copy", conflicts_with_all = ["files", "target"])]
    source: Option<Place>,
    /// Its copy: a reference, or oci:FOLDER[:NAME]
    #[arg(value_name = "COPY")]
    copy: Option<Place>,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    placement: PlacementArgs,
    /// Copies go to the registry of this environment
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "garden6",
        conflicts_with_all = ["source", "target"], help_heading = "Copies")]
    to_environment: Option<EnvironmentName>,
    /// Copies of what files name go to this folder (an OCI layout), under the names of their sources
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["source", "from_layout"], help_heading = "Copies")]
    to_layout: Option<PathBuf>,
    /// They come from this folder, filled with `--to-layout`
    #[arg(
        long,
        value_name = "FOLDER",
        conflicts_with = "source",
        help_heading = "Copies"
    )]
    from_layout: Option<PathBuf>,
    /// Only this platform of an index, as in linux/arm64 (can be repeated)
    #[arg(
        long = "platform",
        value_name = "OS/ARCH[/VARIANT]",
        help_heading = "Copies"
    )]
    platforms: Vec<Platform>,
    /// File with the digests of sources: what is in it is copied, whatever tags mean now
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Refuse sources that the lock file does not know
    #[arg(long, requires = "lock")]
    locked: bool,
}

/// How registries are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub(super) struct AccessArgs {
    /// File with credentials (Docker's config.json, Podman's auth.json), instead of the usual ones
    #[arg(long, value_name = "FILE", env = env::REGISTRY_AUTH_FILE)]
    auth_file: Option<PathBuf>,
    #[arg(long, hide = true, env = env::DOCKER_CONFIG)]
    docker_config: Option<PathBuf>,
    #[arg(long, hide = true, env = env::XDG_RUNTIME_DIR)]
    runtime_dir: Option<PathBuf>,
    /// File with authorities (PEM) to trust besides those of the system (can be repeated)
    #[arg(long = "ca-file", value_name = "FILE")]
    ca_files: Vec<PathBuf>,
    /// Registry to speak to without TLS; loopback addresses always are (can be repeated)
    #[arg(long, value_name = "HOST[:PORT]")]
    plain_http: Vec<String>,
    /// Large blobs per registry at a time
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=64))]
    streams: u8,
}

impl ImagesArgs {
    pub(super) fn images(self, update_lock: bool) -> Result<Images, Failure> {
        Ok(Images {
            pair: self.source.zip(self.copy),
            sources: self.sources.into(),
            settings: self.placement.settings(self.platforms)?,
            environment: self.to_environment,
            layout: self
                .from_layout
                .map(Layout::From)
                .or(self.to_layout.map(Layout::To)),
            lock: self.lock,
            locked: self.locked,
            update_lock,
        })
    }
}

impl From<AccessArgs> for Access {
    fn from(args: AccessArgs) -> Self {
        let auth_files = match args.auth_file {
            Some(file) => vec![file],
            None => usual_files(args.runtime_dir, args.docker_config),
        };
        Self {
            auth_files,
            ca_files: args.ca_files,
            plain_http: args.plain_http,
            streams: args.streams.into(),
        }
    }
}

/// Where Podman and Docker keep credentials; files that are absent are empty.
fn usual_files(runtime_dir: Option<PathBuf>, docker_config: Option<PathBuf>) -> Vec<PathBuf> {
    let podman = runtime_dir.map(|folder| folder.join("containers/auth.json"));
    let docker = docker_config
        .or_else(|| Some(etcetera::home_dir().ok()?.join(".docker")))
        .map(|folder| folder.join("config.json"));
    podman.into_iter().chain(docker).collect()
}
