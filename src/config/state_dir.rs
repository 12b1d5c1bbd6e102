//! Where garden6 keeps what it must remember between commands.

use std::path::{Path, PathBuf};

use super::EnvironmentName;

/// The folder of all environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// The state folder at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The user's state folder by the XDG base directory rules, on macOS too; `None` without a home.
    pub fn of_user() -> Option<Self> {
        use etcetera::BaseStrategy as _;

        let base = etcetera::base_strategy::Xdg::new().ok()?;
        Some(Self(base.state_dir()?.join("garden6")))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of all environments.
    pub fn environments(&self) -> PathBuf {
        self.0.join("environments")
    }

    /// Which networks and addresses are whose.
    pub fn addresses(&self) -> PathBuf {
        self.0.join("ipam").join("addresses.log")
    }

    /// Marks of image copies that are under way, or did not end.
    pub fn unfinished_copies(&self) -> PathBuf {
        self.0.join("images").join("unfinished")
    }

    /// Files that are fetched once and used by every environment.
    pub fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    /// The folder of one environment.
    pub fn environment(&self, name: &EnvironmentName) -> EnvironmentDir {
        EnvironmentDir(self.environments().join(name.as_str()))
    }
}

/// The folder of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentDir(PathBuf);

impl EnvironmentDir {
    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Held by the command that changes the environment. Beside the folder, so that it outlives it.
    pub fn lock(&self) -> PathBuf {
        self.0.with_extension("lock")
    }

    /// What was asked for, as `up` resolved it.
    pub fn spec(&self) -> PathBuf {
        self.0.join("environment.json")
    }

    /// What was made outside of this folder.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    /// How to reach the cluster.
    pub fn kubeconfig(&self) -> PathBuf {
        self.0.join("kubeconfig.yaml")
    }

    /// Where an embedded control plane of its own process is, and whose process.
    pub fn serve(&self) -> PathBuf {
        self.0.join("serve.json")
    }

    /// Held by the process of an embedded control plane for as long as it lives.
    pub fn serve_lock(&self) -> PathBuf {
        self.0.join("serve.lock")
    }

    /// Certificates and keys of an embedded control plane.
    pub fn pki(&self) -> PathBuf {
        self.0.join("pki")
    }

    /// Log files.
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }
}
