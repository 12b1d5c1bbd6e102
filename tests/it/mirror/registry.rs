//! A real registry on `[::1]`, with a folder of its own.

use std::{net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

use garden6::mirror::{
    Endpoint, RegistryClient,
    auth::{AuthFile, CredentialStore},
    registry::{HttpClients, Patience, Session},
    transfer::{Job, Report, Stores, Transfer, TransferOptions},
};
use garden6::progress::Progress;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// `robot` with the password `geheim`, as `htpasswd -B` writes it.
pub(super) const HTPASSWD: &str =
    "robot:$2y$05$y8QzKNgT2.k6FPnCD7hlmePHuOSNiWE3lof7dVHsENzjBm4sSCyMW\n";

/// A registry that runs until it is dropped.
pub(super) struct Registry {
    pub(super) address: SocketAddr,
    pub(super) folder: TempDir,
    _process: tokio::process::Child,
}

impl Registry {
    /// Starts a registry that lets everybody in; nothing where the machine has none.
    pub(super) async fn start(test: &str) -> Option<Self> {
        Self::start_with(test, |_| String::new()).await
    }

    /// Starts a registry with more configuration, which may name files in its folder.
    pub(super) async fn start_with(
        test: &str,
        more: impl Fn(&std::path::Path) -> String,
    ) -> Option<Self> {
        let Ok(program) = which::which("docker-registry") else {
            skip(test);
            return None;
        };
        // The port is free when it is looked for and may be taken a moment later.
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a folder");
            let address = free_address().await;
            let config = format!(
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\nhttp:\n  addr: \"{address}\"\n{}",
                folder.path().join("data").display(),
                more(folder.path()),
            );
            let file = folder.path().join("config.yml");
            std::fs::write(&file, config).expect("the configuration is written");
            let mut process = tokio::process::Command::new(&program)
                .arg("serve")
                .arg(&file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .expect("the registry starts");
            for _ in 0..500 {
                if tokio::net::TcpStream::connect(address).await.is_ok() {
                    return Some(Self {
                        address,
                        folder,
                        _process: process,
                    });
                }
                if process.try_wait().expect("it is a child").is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        panic!("the registry does not answer");
    }

    /// A client without credentials.
    pub(super) fn client(&self) -> RegistryClient {
        client_at(self.address)
    }

    /// An image of this registry.
    pub(super) fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }
}

pub(super) fn client_at(address: SocketAddr) -> RegistryClient {
    RegistryClient::new(&Endpoint::plain_http(&address.into())).expect("a client")
}

pub(super) async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("[::1]:0").await.expect("a free port");
    listener.local_addr().expect("a bound socket")
}

/// Patience of a test: everything that takes seconds outside takes milliseconds here.
pub(super) fn hasty() -> Patience {
    Patience {
        attempts: 4,
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(1500),
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(10),
        // A busy machine must not look like a line that drips.
        stall: Duration::from_secs(20),
        commit: Duration::from_secs(10),
    }
}

/// Connections with the patience of a test, and credentials.
pub(super) fn session(credentials: Option<&str>) -> Session {
    session_of(credentials, hasty())
}

/// Copies, leaving lines that drip after a moment.
pub(super) async fn copy_impatiently(jobs: &[Job]) -> Report {
    let patience = Patience {
        attempts: 20,
        stall: Duration::from_millis(400),
        ..hasty()
    };
    let stores = Arc::new(Stores::new(session_of(None, patience)));
    Transfer::new(stores, TransferOptions::default())
        .run(jobs, &Progress::silent())
        .await
}

fn session_of(credentials: Option<&str>, patience: Patience) -> Session {
    let files = credentials.map(|text| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("it is written");
        AuthFile::read(file.path()).expect("it can be read")
    });
    Session {
        http: Arc::new(HttpClients::new(Vec::new(), patience)),
        credentials: Arc::new(CredentialStore::of(files.into_iter().collect())),
        streams: 0,
    }
}

pub(super) fn job(source: &str, target: &str) -> Job {
    Job::new(
        source.parse().expect("a source"),
        target.parse().expect("a target"),
    )
}

/// Copies, without credentials.
pub(super) async fn copy(jobs: &[Job]) -> Report {
    copy_with(jobs, None, TransferOptions::default()).await
}

pub(super) async fn copy_with(
    jobs: &[Job],
    credentials: Option<&str>,
    options: TransferOptions,
) -> Report {
    let stores = Arc::new(Stores::new(session(credentials)));
    Transfer::new(stores, options)
        .run(jobs, &Progress::silent())
        .await
}

#[expect(clippy::print_stdout, reason = "a skipped test says why")]
fn skip(test: &str) {
    println!("registry: 1 skipped ({test}: this machine has no docker-registry)");
}
