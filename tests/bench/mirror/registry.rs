//! A registry on `127.0.0.1`, empty when it starts, gone when it is dropped.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

pub(crate) struct Registry {
    address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

/// Where registries keep what they have.
#[derive(Debug)]
pub(crate) struct Storage(PathBuf);

impl Storage {
    /// Memory, where the machine offers enough of it as a folder; a disk otherwise.
    ///
    /// Debian's registry waits for the disk eleven times per blob. What that takes says nothing about who copies,
    /// and it changes from one second to the next.
    pub(crate) fn memory() -> Self {
        const ENOUGH: u64 = 2 * 1024 * 1024 * 1024;
        let folder = PathBuf::from("/dev/shm");
        match nix::sys::statvfs::statvfs(&folder) {
            Ok(found) if found.blocks_available() * found.fragment_size() >= ENOUGH => Self(folder),
            _ => Self::disk(),
        }
    }

    pub(crate) fn disk() -> Self {
        Self(std::env::temp_dir())
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.0
    }
}

impl Registry {
    pub(crate) fn start(storage: &Storage) -> Self {
        let folder = tempfile::tempdir_in(&storage.0).expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        drop(listener);
        let config = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{address}\"}}\n",
            folder.path().join("data").display()
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config).expect("the configuration is written");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry starts");
        let registry = Self {
            address,
            process,
            _folder: folder,
        };
        for _ in 0..1000 {
            if TcpStream::connect(address).is_ok() {
                return registry;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the registry does not answer");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
