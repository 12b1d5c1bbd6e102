//! The kind binary: the only thing that creates and deletes clusters.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::KindError;
use crate::{
    process::{Command, Line},
    progress::Step,
};

/// kubeadm gives up after four minutes; images may have to be unpacked on a slow disk before.
const CREATE_TIMEOUT: Duration = Duration::from_secs(900);
const DELETE_TIMEOUT: Duration = Duration::from_secs(180);
const QUERY_TIMEOUT: Duration = Duration::from_secs(60);

/// The network kind takes by itself; any other makes it warn.
const DEFAULT_NETWORK: &str = "kind";

/// The kind binary with everything its calls have in common.
#[derive(Debug, Clone)]
pub struct KindProgram {
    path: PathBuf,
    network: String,
    docker_host: Option<String>,
}

/// What a cluster is created from.
#[derive(Debug, Clone, Copy)]
pub struct CreateRequest<'a> {
    /// Its name.
    pub name: &'a str,
    /// The document.
    pub config: &'a Path,
    /// Where the kubeconfig goes.
    pub kubeconfig: &'a Path,
}

impl KindProgram {
    /// Finds the binary, and the Docker client that it calls.
    pub fn find(
        given: Option<&Path>,
        network: &str,
        docker_host: Option<&str>,
    ) -> Result<Self, KindError> {
        let find = |program: &Path| {
            which::which(program).map_err(|_| KindError::ProgramMissing {
                program: program.display().to_string(),
            })
        };
        let path = find(given.unwrap_or(Path::new("kind")))?;
        find(Path::new("docker"))?;
        Ok(Self {
            path,
            network: network.to_owned(),
            docker_host: docker_host.map(str::to_owned),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says about its version.
    pub async fn version(&self) -> Result<String, KindError> {
        let output = self
            .command(["version"])
            .timeout(QUERY_TIMEOUT)
            .run()
            .await
            .map_err(failed("tell its version"))?;
        Ok(output.stdout.trim().to_owned())
    }

    /// Creates a cluster; every line kind writes becomes a detail of the step.
    pub async fn create(&self, request: CreateRequest<'_>, step: &Step) -> Result<(), KindError> {
        let CreateRequest {
            name,
            config,
            kubeconfig,
        } = request;
        self.command(["create", "cluster", "--name", name, "--config"])
            .args([config, Path::new("--kubeconfig"), kubeconfig])
            .timeout(CREATE_TIMEOUT)
            .run_streaming(|line| {
                let (Line::Stdout(text) | Line::Stderr(text)) = line;
                let text = plain(text);
                if !text.is_empty() {
                    step.detail(text);
                }
            })
            .await
            .map_err(failed(format!("create cluster `{name}`")))
    }

    /// Deletes a cluster, or what is there of one.
    pub async fn delete(&self, name: &str, kubeconfig: &Path) -> Result<(), KindError> {
        self.command(["delete", "cluster", "--name", name, "--kubeconfig"])
            .args([kubeconfig])
            .timeout(DELETE_TIMEOUT)
            .run()
            .await
            .map_err(failed(format!("delete cluster `{name}`")))?;
        Ok(())
    }

    /// The kubeconfig of a cluster, as reached from the host.
    pub async fn kubeconfig(&self, name: &str) -> Result<String, KindError> {
        let output = self
            .command(["get", "kubeconfig", "--name", name])
            .timeout(QUERY_TIMEOUT)
            .run()
            .await
            .map_err(failed(format!("tell the kubeconfig of cluster `{name}`")))?;
        Ok(output.stdout)
    }

    fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.path)
            .args(args)
            .env("KIND_EXPERIMENTAL_PROVIDER", "docker");
        if self.network != DEFAULT_NETWORK {
            command = command.env("KIND_EXPERIMENTAL_DOCKER_NETWORK", self.network.as_str());
        }
        match &self.docker_host {
            Some(host) => command.env("DOCKER_HOST", host.as_str()),
            None => command,
        }
    }
}

fn failed(action: impl Into<String>) -> impl FnOnce(crate::process::ProcessError) -> KindError {
    let action = action.into();
    move |source| KindError::KindFailed {
        action,
        source: Box::new(source),
    }
}

/// kind's progress without its decoration: check marks, pictures, the ellipsis and cursor movements.
fn plain(line: &str) -> String {
    let line = line.rsplit('\r').next().unwrap_or(line);
    line.chars()
        .filter(|character| character.is_ascii() && !character.is_ascii_control())
        .collect::<String>()
        .trim_end_matches("...")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_is_left_out() {
        assert_eq!(
            plain(" \u{2022} Preparing nodes \u{1f4e6} \u{1f4e6}  ..."),
            "Preparing nodes"
        );
        assert_eq!(
            plain(" \u{2713} Writing configuration \u{1f4dc}"),
            "Writing configuration"
        );
        assert_eq!(plain("old\rnew"), "new");
    }

    #[test]
    fn a_missing_binary_is_named() {
        let error =
            KindProgram::find(Some(Path::new("/nonexistent/kind")), "kind", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the program `/nonexistent/kind` was not found"
        );
    }
}
