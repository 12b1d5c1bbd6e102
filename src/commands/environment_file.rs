//! Settings of an environment in a file of the user's.

use std::path::Path;

use crate::{config::EnvironmentFile, failure::Failure, fsutil::FileError};

/// Reads the file at `path`.
pub fn environment_file(path: &Path) -> Result<EnvironmentFile, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Failure::usage(FileError::new("read", path, source)))?;
    EnvironmentFile::parse(&text, path).map_err(|error| {
        Failure::usage(error).hint("the keys are the names of the flags of `garden6 up` in camel case, ranges and families are lists: `podSubnets: [\"fd00:20::/48\"]`")
    })
}
