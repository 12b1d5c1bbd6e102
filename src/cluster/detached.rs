//! The embedded control plane in a process of its own, so that it outlives the command that made
//! it.
//!
//! The process is `garden6 serve`. It holds a lock file for as long as it lives, which tells
//! reliably whether it is there and which process it is; a process id alone would not.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, time::Duration};

use async_trait::async_trait;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Backend, Capability, Cluster, ClusterError, ClusterState, ClusterStatus, Effect, Journal,
    PartStatus, connect, kubeconfig, nodes,
};
use crate::{
    config::{BackendKind, Environment, EnvironmentDir},
    fsutil::{self, FileError, LockFile},
    process::{Command, DetachedChild, ProcessError},
    progress::Progress,
};

/// How long the process may take to become ready; it needs a fraction of a second.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long the process may take to end in order.
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// How often the state file is looked at.
const POLL: Duration = Duration::from_millis(10);
/// How many lines of the log an error carries.
const LOG_TAIL: usize = 10;

/// What the process says about itself once it is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServeState {
    /// The process.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// The version of garden6 that runs.
    pub version: String,
}

/// Why the process is not there or does not answer.
#[derive(Debug, Error)]
pub enum DetachedError {
    /// It cannot be started.
    #[error(transparent)]
    Start(#[from] ProcessError),
    /// A state file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// It ended before it was ready.
    #[error("`garden6 serve` ended before it was ready ({status}); the end of {log}:\n{tail}")]
    Died {
        /// How it ended.
        status: String,
        /// The log file.
        log: String,
        /// The last lines of it.
        tail: String,
    },
    /// It does not become ready.
    #[error("`garden6 serve` is not ready after {} s, see {log}", START_LIMIT.as_secs())]
    NotReady {
        /// The log file.
        log: String,
    },
    /// It does not end.
    #[error("process {pid} (`garden6 serve`) does not end, even when killed")]
    DoesNotEnd {
        /// The process.
        pid: u32,
    },
    /// It is not there.
    #[error("`garden6 serve` is not running")]
    NotRunning,
}

impl From<DetachedError> for ClusterError {
    fn from(error: DetachedError) -> Self {
        Self::Embedded {
            source: Box::new(error),
        }
    }
}

/// Makes, finds and removes the process.
#[derive(Debug)]
pub struct Detached {
    program: PathBuf,
    state_dir: PathBuf,
    folder: EnvironmentDir,
}

impl Detached {
    /// A backend that runs `program` (this very program, outside of tests).
    pub const fn new(program: PathBuf, state_dir: PathBuf, folder: EnvironmentDir) -> Self {
        Self {
            program,
            state_dir,
            folder,
        }
    }

    fn effect(&self) -> Effect {
        Effect::Process {
            lock: self.folder.serve_lock(),
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.logs().join("serve.log")
    }

    /// What the process says about itself, if it lives and is ready.
    fn ready(&self) -> Result<Option<ServeState>, DetachedError> {
        let Some(holder) = LockFile::holder(&self.folder.serve_lock())? else {
            return Ok(None);
        };
        let text = fsutil::read_optional(&self.folder.serve())?;
        let state = text.and_then(|text| serde_json::from_str::<ServeState>(&text).ok());
        // A state file of an earlier process says nothing about the one that lives.
        Ok(state.filter(|state| state.pid == holder))
    }

    async fn start(&self, environment: &Environment) -> Result<ServeState, DetachedError> {
        let running = LockFile::holder(&self.folder.serve_lock())?.is_some();
        let mut child = if running {
            None
        } else {
            Some(self.spawn(environment)?)
        };
        let wait = async {
            loop {
                if let Some(state) = self.ready()? {
                    return Ok(state);
                }
                if let Some(status) = child.as_mut().and_then(DetachedChild::exited) {
                    return Err(DetachedError::Died {
                        status: status.to_string(),
                        log: self.log().display().to_string(),
                        tail: self.log_tail()?,
                    });
                }
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::time::timeout(START_LIMIT, wait)
            .await
            .unwrap_or_else(|_| {
                Err(DetachedError::NotReady {
                    log: self.log().display().to_string(),
                })
            })
    }

    fn spawn(&self, environment: &Environment) -> Result<DetachedChild, DetachedError> {
        let child = Command::new(&self.program)
            .args([
                "serve".into(),
                "--name".into(),
                environment.name.to_string(),
            ])
            .args([
                "--state-dir".into(),
                self.state_dir.clone().into_os_string(),
            ])
            .spawn_detached(&self.log())?;
        Ok(child)
    }

    fn log_tail(&self) -> Result<String, DetachedError> {
        let text = fsutil::read_optional(&self.log())?.unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n"))
    }

    async fn stop(&self) -> Result<bool, DetachedError> {
        let lock = self.folder.serve_lock();
        let Some(pid) = LockFile::holder(&lock)? else {
            return Ok(false);
        };
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            if let Ok(target) = i32::try_from(pid) {
                // It may have ended meanwhile; the lock tells.
                kill(Pid::from_raw(target), signal).ok();
            }
            let gone = async {
                while LockFile::holder(&lock)?.is_some() {
                    tokio::time::sleep(POLL).await;
                }
                Ok::<_, DetachedError>(())
            };
            if let Ok(gone) = tokio::time::timeout(STOP_LIMIT, gone).await {
                gone?;
                return Ok(true);
            }
        }
        Err(DetachedError::DoesNotEnd { pid })
    }

    async fn connect(&self, environment: &Environment) -> Result<Cluster, ClusterError> {
        let kubeconfig = kubeconfig::read(&self.folder.kubeconfig())?;
        let client = connect::client(&kubeconfig).await?;
        Ok(Cluster {
            kubeconfig,
            client,
            capabilities: capabilities(environment),
            own_image: None,
        })
    }
}

/// What an embedded cluster can do: it has nodes, but runs no pods and moves no packets.
pub fn capabilities(environment: &Environment) -> BTreeSet<Capability> {
    BTreeSet::from([Capability::Nodes(u16::from(environment.workers) + 1)])
}

#[async_trait]
impl Backend for Detached {
    fn kind(&self) -> BackendKind {
        BackendKind::Embedded
    }

    async fn create(
        &self,
        environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<Cluster, ClusterError> {
        let step = progress.step("embedded control plane");
        let effect = self.effect();
        let before = self.ready()?;
        journal.intend(&effect)?;
        let state = self.start(environment).await?;
        journal.done(&effect)?;
        let how = if before.is_some() {
            "already runs"
        } else {
            "listens"
        };
        step.done(format!("{how} on {}", state.address));
        self.connect(environment).await
    }

    async fn attach(
        &self,
        environment: &Environment,
        _journal: &Journal,
    ) -> Result<Cluster, ClusterError> {
        self.ready()?.ok_or(DetachedError::NotRunning)?;
        self.connect(environment).await
    }

    async fn delete(
        &self,
        _environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<(), ClusterError> {
        let step = progress.step("embedded control plane");
        let stopped = self.stop().await?;
        let effect = self.effect();
        if journal.owns(&effect) {
            journal.undone(&effect)?;
        }
        step.done(if stopped {
            "stopped"
        } else {
            "was not running"
        });
        Ok(())
    }

    async fn status(
        &self,
        environment: &Environment,
        _journal: &Journal,
    ) -> Result<ClusterStatus, ClusterError> {
        let state = self.ready()?;
        let detail = match &state {
            Some(state) => format!("process {}, listens on {}", state.pid, state.address),
            None => "not running".to_owned(),
        };
        let nodes = match state {
            Some(_) => nodes::list(&self.connect(environment).await?.client).await?,
            None => Vec::new(),
        };
        Ok(ClusterStatus {
            backend: BackendKind::Embedded,
            state: if state.is_some() {
                ClusterState::Running
            } else {
                ClusterState::Absent
            },
            parts: vec![PartStatus {
                name: "control plane".to_owned(),
                ready: state.is_some(),
                detail,
            }],
            nodes,
        })
    }
}
