//! The folder of a layout: blobs under their digests, `index.json` last and in one step.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tokio::{fs::File, io::AsyncWriteExt as _, sync::Mutex};

use super::index::Index;
use crate::{
    fsutil::{self, FileError, LockError, LockFile},
    mirror::{
        Descriptor, Digest, FetchedManifest, MirrorError,
        registry::{BlobSource, Flow},
    },
};

const MARKER: &str = "oci-layout";
const MARKER_CONTENT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
const INDEX: &str = "index.json";
const LOCK: &str = ".garden6.lock";
const MODE: u32 = 0o644;
/// What is being written; files that begin so are left by a run that was killed.
const UNFINISHED: &str = ".garden6-";

/// A layout.
#[derive(Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Mutex<()>,
    /// Held by the one that writes.
    _writing: Option<LockFile>,
}

impl Layout {
    /// Opens a layout to read from.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Layout`] if the folder is none.
    pub fn open(folder: &Path) -> Result<Self, MirrorError> {
        let layout = Self {
            folder: folder.to_owned(),
            index: Mutex::default(),
            _writing: None,
        };
        layout.check()?;
        Ok(layout)
    }

    /// Opens a layout to write to; makes it where the folder is absent or empty. One run at a time writes.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Layout`] if the folder holds something else, or another run writes to it.
    pub async fn create(folder: &Path) -> Result<Self, MirrorError> {
        let refuse = |reason: String| MirrorError::Layout {
            folder: folder.to_owned(),
            reason,
        };
        let is_new = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => true,
        };
        if !is_new && !folder.join(MARKER).is_file() && !folder.join(LOCK).is_file() {
            return Err(refuse(format!(
                "it is not empty and has no file `{MARKER}`"
            )));
        }
        let make = |path: &Path| {
            fs::create_dir_all(path).map_err(|source| FileError::new("create folder", path, source))
        };
        make(&folder.join("blobs/sha256"))?;
        let writing = LockFile::acquire(&folder.join(LOCK), Duration::ZERO)
            .await
            .map_err(|error| match error {
                LockError::Held { .. } => refuse(format!("another run writes to it: {error}")),
                LockError::File(error) => error.into(),
            })?;
        if !folder.join(INDEX).is_file() {
            fsutil::write_atomic(&folder.join(INDEX), &Index::empty().render(), MODE)?;
        }
        if !folder.join(MARKER).is_file() {
            fsutil::write_atomic(&folder.join(MARKER), MARKER_CONTENT, MODE)?;
        }
        let layout = Self {
            folder: folder.to_owned(),
            index: Mutex::default(),
            _writing: Some(writing),
        };
        layout.check()?;
        layout.remove_unfinished()?;
        Ok(layout)
    }

    fn check(&self) -> Result<(), MirrorError> {
        let text = self.read(MARKER)?;
        let version = serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|marker| Some(marker.get("imageLayoutVersion")?.as_str()?.to_owned()));
        match version {
            Some(version) if version.starts_with("1.") => Ok(()),
            Some(version) => Err(self.refuse(format!("its version is {version}"))),
            None => Err(self.refuse(format!("`{MARKER}` names no version"))),
        }?;
        self.index().map(drop)
    }

    fn remove_unfinished(&self) -> Result<(), MirrorError> {
        for algorithm in ["sha256", "sha512"] {
            let folder = self.folder.join("blobs").join(algorithm);
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    fsutil::remove_optional(&entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every manifest that is listed, with its name.
    pub fn manifests(&self) -> Result<Vec<(Option<String>, Descriptor)>, MirrorError> {
        Ok(self.index()?.manifests())
    }

    /// The manifest under a name or a digest. Without a name it is the only one there is.
    pub fn find(&self, name: &str) -> Result<Option<Descriptor>, MirrorError> {
        let index = self.index()?;
        if let Ok(digest) = name.parse::<Digest>() {
            let listed = index.manifests().into_iter();
            let mut listed = listed.filter(|(_, entry)| entry.digest == digest);
            return Ok(listed.next().map(|(_, entry)| entry).or_else(|| {
                let size = fs::metadata(self.blob_path(&digest)).ok()?.len();
                Some(Descriptor {
                    media_type: String::new(),
                    digest,
                    size,
                })
            }));
        }
        if name.is_empty() {
            let mut manifests = index.manifests();
            return match manifests.len() {
                0 | 1 => Ok(manifests.pop().map(|(_, entry)| entry)),
                _ => Err(self.refuse("it holds several images, so one has to be named".to_owned())),
            };
        }
        Ok(index.find(name))
    }

    /// Reads a manifest and verifies it.
    pub fn fetch(&self, descriptor: &Descriptor) -> Result<FetchedManifest, MirrorError> {
        let path = self.blob_path(&descriptor.digest);
        let bytes = fs::read(&path).map_err(|source| MirrorError::File {
            path: path.clone(),
            source,
        })?;
        FetchedManifest::read(
            &path.display().to_string(),
            bytes.into(),
            &descriptor.media_type,
            Some(&descriptor.digest),
        )
    }

    /// The manifests without a name whose subject is `digest`.
    pub fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, MirrorError> {
        let mut found = Vec::new();
        for (name, descriptor) in self.index()?.manifests() {
            if name.is_none()
                && let Ok(document) = self.fetch(&descriptor)
                && document
                    .subject
                    .is_some_and(|subject| subject.digest == *digest)
            {
                found.push(descriptor);
            }
        }
        Ok(found)
    }

    /// Whether all of a blob is there. Blobs get their names when they are complete.
    pub fn has_blob(&self, descriptor: &Descriptor) -> bool {
        fs::metadata(self.blob_path(&descriptor.digest))
            .is_ok_and(|found| found.is_file() && found.len() == descriptor.size)
    }

    /// Where a blob is.
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        let folder = self.folder.join("blobs").join(digest.algorithm());
        folder.join(digest.hex())
    }

    /// Stores a blob: beside its place, verified, on disk, then renamed.
    pub(in crate::mirror) async fn put_blob(
        &self,
        descriptor: &Descriptor,
        source: &BlobSource,
        flow: &Arc<Flow>,
    ) -> Result<(), MirrorError> {
        let path = self.blob_path(&descriptor.digest);
        let folder = path.parent().expect("invariant: a blob is in a folder");
        let failed = |source| FileError::new("write", &path, source);
        fs::create_dir_all(folder).map_err(failed)?;
        let temporary = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(MODE))
            .tempfile_in(folder)
            .map_err(failed)?;
        let (file, temporary) = temporary.into_parts();
        let mut file = File::from_std(file);
        let mut stream = source.open(descriptor).await?;
        while let Some(chunk) = stream.next().await? {
            flow.pass(chunk.len() as u64);
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        temporary
            .persist(&path)
            .map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Stores a manifest, whose parts must be there.
    pub(in crate::mirror) async fn put_manifest(
        &self,
        document: &FetchedManifest,
    ) -> Result<(), MirrorError> {
        let bytes: Bytes = document.bytes.clone();
        self.put_blob(
            &document.descriptor(),
            &BlobSource::Memory(bytes),
            &Arc::default(),
        )
        .await
    }

    /// Lists a manifest, under a name if it has one. In one step: a reader sees the old list or the new one.
    pub(in crate::mirror) async fn list(
        &self,
        name: Option<&str>,
        descriptor: &Descriptor,
    ) -> Result<(), MirrorError> {
        let _one_at_a_time = self.index.lock().await;
        let mut index = self.index()?;
        if index.set(name, descriptor) {
            fsutil::write_atomic(&self.folder.join(INDEX), &index.render(), MODE)?;
        }
        Ok(())
    }

    fn index(&self) -> Result<Index, MirrorError> {
        Index::parse(&self.read(INDEX)?).map_err(|reason| self.refuse(reason))
    }

    fn read(&self, file: &str) -> Result<String, MirrorError> {
        fsutil::read_optional(&self.folder.join(file))?
            .ok_or_else(|| self.refuse(format!("it has no file `{file}`")))
    }

    fn refuse(&self, reason: String) -> MirrorError {
        MirrorError::Layout {
            folder: self.folder.clone(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(content: &[u8]) -> Descriptor {
        Descriptor {
            media_type: "application/vnd.test".to_owned(),
            digest: Digest::of(content),
            size: content.len() as u64,
        }
    }

    #[tokio::test]
    async fn a_blob_is_whole_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).await.unwrap();
        let content = Bytes::from_static(b"layer");
        let good = descriptor(&content);
        let source = BlobSource::Memory(content);
        assert!(!layout.has_blob(&good));
        let wrong = Descriptor {
            digest: Digest::of(b"other"),
            ..good.clone()
        };
        let refused = layout.put_blob(&wrong, &source, &Arc::default()).await;
        assert!(matches!(refused, Err(MirrorError::DigestDiffers { .. })));
        assert_eq!(
            fs::read_dir(folder.path().join("blobs/sha256"))
                .unwrap()
                .count(),
            0
        );
        layout
            .put_blob(&good, &source, &Arc::default())
            .await
            .unwrap();
        assert!(layout.has_blob(&good));
    }

    #[tokio::test]
    async fn what_a_killed_run_left_is_removed_and_a_second_writer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).await.unwrap();
        let second = Layout::create(folder.path()).await.unwrap_err();
        assert!(
            second.to_string().contains("another run writes to it"),
            "{second}"
        );
        drop(layout);
        let left = folder.path().join("blobs/sha256/.garden6-left");
        fs::write(&left, "part").unwrap();
        Layout::create(folder.path()).await.unwrap();
        assert!(!left.exists());
    }

    #[tokio::test]
    async fn folders_of_other_things_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("holiday.jpg"), "").unwrap();
        let error = Layout::create(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains("not empty"), "{error}");
        assert!(Layout::open(folder.path()).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
