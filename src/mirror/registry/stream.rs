//! Content on its way: taken up where a connection broke, verified before its last byte is handed on.

use std::{path::PathBuf, time::Duration};

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::Response;
use tokio::{
    fs::File,
    io::AsyncReadExt as _,
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep, timeout},
};

use super::{RegistryClient, pace::Pace};
use crate::mirror::{Descriptor, MirrorError, digest::Hasher};

/// Bytes read from a file at a time.
const FILE_CHUNK: usize = 512 * 1024;
/// A connection that brought so much before it broke does not count as an attempt.
const WORTH_IT: u64 = 1024 * 1024;

/// Where content comes from. It can be opened again when an attempt to store it fails.
#[derive(Debug, Clone)]
pub enum BlobSource {
    /// Memory.
    Memory(Bytes),
    /// A file.
    File(PathBuf),
    /// A registry.
    Registry {
        /// The registry.
        client: RegistryClient,
        /// The repository that has it.
        repository: String,
    },
}

/// Content of known size and digest. The chunk that completes it is handed on only if the digest is right, so
/// that whoever stores it can never have all of something else.
#[derive(Debug)]
pub(in crate::mirror) struct BlobStream {
    wanted: Descriptor,
    hasher: Option<Hasher>,
    received: u64,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Memory(Bytes),
    File(PathBuf, File),
    Remote(Box<Remote>),
}

impl BlobSource {
    /// Whether reading it again would bring the same.
    pub(in crate::mirror) fn is_local(&self) -> bool {
        !matches!(self, Self::Registry { .. })
    }

    /// Opens the content. Waits for a place among the streams of a registry.
    pub(in crate::mirror) async fn open(
        &self,
        wanted: &Descriptor,
    ) -> Result<BlobStream, MirrorError> {
        let inner = match self {
            Self::Memory(bytes) => Inner::Memory(bytes.clone()),
            Self::File(path) => match File::open(path).await {
                Ok(file) => Inner::File(path.clone(), file),
                Err(source) => {
                    return Err(MirrorError::File {
                        path: path.clone(),
                        source,
                    });
                }
            },
            Self::Registry { client, repository } => Inner::Remote(Box::new(
                Remote::open(client.clone(), repository.clone(), wanted).await?,
            )),
        };
        let mut stream = BlobStream {
            wanted: wanted.clone(),
            hasher: Some(Hasher::like(&wanted.digest)),
            received: 0,
            inner,
        };
        if wanted.size == 0 {
            stream.verify()?;
        }
        Ok(stream)
    }
}

impl BlobStream {
    /// The next bytes; nothing after the last one.
    pub(in crate::mirror) async fn next(&mut self) -> Result<Option<Bytes>, MirrorError> {
        if self.received == self.wanted.size {
            return Ok(None);
        }
        let left = self.wanted.size - self.received;
        let chunk = match &mut self.inner {
            Inner::Memory(bytes) => std::mem::take(bytes),
            Inner::File(path, file) => {
                let mut chunk = BytesMut::with_capacity(FILE_CHUNK);
                match file.read_buf(&mut chunk).await {
                    Ok(_) => chunk.freeze(),
                    Err(source) => {
                        return Err(MirrorError::File {
                            path: path.clone(),
                            source,
                        });
                    }
                }
            }
            Inner::Remote(remote) => remote.next(self.received, self.wanted.size).await?,
        };
        if chunk.is_empty() || chunk.len() as u64 > left {
            return Err(self.wrong_size(chunk.len() as u64));
        }
        self.received += chunk.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&chunk);
        }
        if self.received == self.wanted.size {
            self.verify()?;
        }
        Ok(Some(chunk))
    }

    /// Reads everything. For small content.
    pub(in crate::mirror) async fn collect(mut self) -> Result<Bytes, MirrorError> {
        let first = self.next().await?.unwrap_or_default();
        if self.received == self.wanted.size {
            return Ok(first);
        }
        let mut bytes = BytesMut::from(first);
        while let Some(chunk) = self.next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    fn verify(&mut self) -> Result<(), MirrorError> {
        let hasher = self
            .hasher
            .take()
            .expect("invariant: content is complete once");
        let found = hasher.finish();
        if found == self.wanted.digest {
            return Ok(());
        }
        Err(MirrorError::DigestDiffers {
            what: format!(
                "content of {} bytes from {}",
                self.wanted.size,
                self.origin()
            ),
            found,
            wanted: self.wanted.digest.clone(),
        })
    }

    fn origin(&self) -> String {
        match &self.inner {
            Inner::Memory(_) => "memory".to_owned(),
            Inner::File(path, _) => path.display().to_string(),
            Inner::Remote(remote) => remote.client.name().to_owned(),
        }
    }

    fn wrong_size(&self, surplus: u64) -> MirrorError {
        MirrorError::Truncated {
            action: format!("read blob {}", self.wanted.digest),
            registry: self.origin(),
            got: self.received + surplus,
            wanted: self.wanted.size,
        }
    }
}

/// A blob of a registry. When the connection breaks it goes on from the next byte over another one.
#[derive(Debug)]
struct Remote {
    client: RegistryClient,
    repository: String,
    wanted: Descriptor,
    response: Option<Response>,
    /// Bytes that come again, because the registry would not begin later.
    known: u64,
    pace: Pace,
    failures: u32,
    /// Where the last connection began.
    begun_at: u64,
    _place: OwnedSemaphorePermit,
}

impl Remote {
    async fn open(
        client: RegistryClient,
        repository: String,
        wanted: &Descriptor,
    ) -> Result<Self, MirrorError> {
        let place = client.limits().reading().await;
        let pace = Pace::new(client.patience().stall);
        let mut remote = Self {
            client,
            repository,
            wanted: wanted.clone(),
            response: None,
            known: 0,
            pace,
            failures: 0,
            begun_at: 0,
            _place: place,
        };
        if wanted.size > 0 {
            remote.connect(0).await?;
        }
        Ok(remote)
    }

    async fn connect(&mut self, begin: u64) -> Result<(), MirrorError> {
        let open = self
            .client
            .open_blob(&self.repository, &self.wanted.digest, begin)
            .await?;
        self.known = begin - open.begin;
        self.response = Some(open.response);
        self.pace = Pace::new(self.client.patience().stall);
        self.begun_at = begin;
        Ok(())
    }

    async fn next(&mut self, received: u64, size: u64) -> Result<Bytes, MirrorError> {
        loop {
            if self.response.is_none() {
                self.connect(received).await?;
            }
            let error = match self.chunk().await {
                Ok(Some(mut chunk)) => {
                    let again = self.known.min(chunk.len() as u64);
                    self.known -= again;
                    drop(chunk.split_to(usize::try_from(again).unwrap_or(chunk.len())));
                    if chunk.is_empty() {
                        continue;
                    }
                    return Ok(chunk);
                }
                Ok(None) => MirrorError::Truncated {
                    action: self.action(),
                    registry: self.client.name().to_owned(),
                    got: received,
                    wanted: size,
                },
                Err(error) => error,
            };
            self.broke(received, error).await?;
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, MirrorError> {
        let stall = self.client.patience().stall;
        let response = self.response.as_mut().expect("invariant: it is connected");
        let since = Instant::now();
        match timeout(stall, response.chunk()).await {
            Err(_) => Err(self.client.stalled(&self.action(), stall)),
            Ok(Err(source)) => Err(self.client.transport(&self.action(), source)),
            Ok(Ok(None)) => Ok(None),
            Ok(Ok(Some(chunk))) => {
                if self.pace.drips(chunk.len(), since.elapsed()) {
                    return Err(self.client.stalled(&self.action(), stall));
                }
                Ok(Some(chunk))
            }
        }
    }

    /// Waits before the next connection, or gives up.
    async fn broke(&mut self, received: u64, error: MirrorError) -> Result<(), MirrorError> {
        self.response = None;
        if received - self.begun_at >= WORTH_IT {
            self.failures = 0;
        }
        self.failures += 1;
        let pause = self
            .client
            .patience()
            .pause(self.failures, None, Timestamp::now());
        match pause {
            Some(pause) => {
                tracing::debug!(%error, received, "going on after a broken connection");
                sleep(pause.max(Duration::from_millis(1))).await;
                Ok(())
            }
            None => Err(error),
        }
    }

    fn action(&self) -> String {
        format!("read blob {} of {}", self.wanted.digest, self.repository)
    }
}
