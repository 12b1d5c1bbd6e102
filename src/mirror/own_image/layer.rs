//! One layer with the program and its libraries, always the same bytes for the same files.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};
use tempfile::NamedTempFile;

use super::libraries::Resolved;
use crate::mirror::{Descriptor, Digest, HashingWriter, MirrorError, media_type};

/// Where the program is in the image.
pub const PROGRAM_PATH: &str = "/usr/bin/garden6";

/// The files of a layer: path in the image and file on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    files: BTreeMap<String, PathBuf>,
}

/// A compressed layer in a file that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Compressed {
    pub(super) file: NamedTempFile,
    pub(super) descriptor: Descriptor,
}

impl Layer {
    /// The layer of a program and what it needs.
    pub fn new(program: &Path, resolved: &Resolved) -> Self {
        let mut files: BTreeMap<String, PathBuf> = resolved
            .files
            .iter()
            .map(|file| (file.display().to_string(), file.clone()))
            .collect();
        files.insert(PROGRAM_PATH.to_owned(), program.to_owned());
        Self { files }
    }

    /// The digest of the uncompressed layer, which changes exactly when one of the files does.
    pub fn diff_id(&self) -> Result<Digest, MirrorError> {
        let (_, digest, _) = self.write(HashingWriter::new(io::sink()))?.finish();
        Ok(digest)
    }

    /// Writes the compressed layer to a temporary file.
    pub(super) fn compress(&self) -> Result<Compressed, MirrorError> {
        let temporary = |source| MirrorError::File {
            path: std::env::temp_dir(),
            source,
        };
        let file = NamedTempFile::new().map_err(temporary)?;
        // No name and no time in the header: the bytes depend on the content alone.
        let hashing = HashingWriter::new(io::BufWriter::new(file));
        let encoder = GzBuilder::new()
            .mtime(0)
            .write(hashing, Compression::fast());
        let hashing = self.write(encoder)?.finish().map_err(temporary)?;
        let (buffer, digest, size) = hashing.finish();
        let file = buffer
            .into_inner()
            .map_err(|error| temporary(error.into_error()))?;
        let media_type = media_type::LAYER_GZIP.to_owned();
        Ok(Compressed {
            file,
            descriptor: Descriptor {
                media_type,
                digest,
                size,
            },
        })
    }

    fn write<W: Write>(&self, target: W) -> Result<W, MirrorError> {
        let mut archive = tar::Builder::new(target);
        append_folder(&mut archive, "tmp/", 0o1777).map_err(|source| self.error("/tmp", source))?;
        for (path, source) in &self.files {
            append_file(&mut archive, path.trim_start_matches('/'), source)
                .map_err(|error| self.error(path, error))?;
        }
        archive
            .into_inner()
            .map_err(|source| self.error("the end of the layer", source))
    }

    fn error(&self, path: &str, source: io::Error) -> MirrorError {
        let path = self
            .files
            .get(path)
            .cloned()
            .unwrap_or_else(|| PathBuf::from(path));
        MirrorError::File { path, source }
    }
}

fn append_folder<W: Write>(archive: &mut tar::Builder<W>, path: &str, mode: u32) -> io::Result<()> {
    let mut header = header(tar::EntryType::Directory, 0, mode);
    archive.append_data(&mut header, path, io::empty())
}

fn append_file<W: Write>(
    archive: &mut tar::Builder<W>,
    path: &str,
    source: &Path,
) -> io::Result<()> {
    // Opening follows links: libraries are links to versioned files.
    let file = File::open(source)?;
    let size = file.metadata()?.len();
    let mut header = header(tar::EntryType::Regular, size, 0o755);
    archive.append_data(&mut header, path, file)
}

fn header(kind: tar::EntryType, size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn layer(folder: &Path) -> Layer {
        let program = folder.join("program");
        let library = folder.join("libx.so.1");
        fs::write(&program, "program").unwrap();
        fs::write(&library, "library").unwrap();
        Layer::new(
            &program,
            &Resolved {
                files: vec![library],
            },
        )
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let layer = layer(folder.path());
        let first = layer.compress().unwrap();
        let before = layer.diff_id().unwrap();
        fs::write(folder.path().join("program"), "program").unwrap();
        assert_eq!(layer.compress().unwrap().descriptor, first.descriptor);
        assert_eq!(layer.diff_id().unwrap(), before);
        fs::write(folder.path().join("program"), "changed").unwrap();
        assert_ne!(layer.diff_id().unwrap(), before);
    }

    #[test]
    fn the_layer_unpacks_to_program_and_libraries() {
        let folder = tempfile::tempdir().unwrap();
        let compressed = layer(folder.path()).compress().unwrap();
        let file = File::open(compressed.file.path()).unwrap();
        assert_eq!(file.metadata().unwrap().len(), compressed.descriptor.size);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let paths: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(paths.len(), 3);
        assert!(paths.contains(&"usr/bin/garden6".to_owned()), "{paths:?}");
    }
}
