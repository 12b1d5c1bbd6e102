//! Kubeconfig files of our own; the user's own file is never touched.

use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError as ReadError};
use thiserror::Error;

use crate::{
    fsutil::{self, FileError},
    yaml,
};

/// A kubeconfig that cannot be read or written.
#[derive(Debug, Error)]
pub enum KubeconfigError {
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text is no kubeconfig.
    #[error("{origin} is no kubeconfig")]
    Read {
        /// The file, or who wrote the text.
        origin: String,
        /// What is wrong with it.
        #[source]
        source: Box<ReadError>,
    },
    /// There is no such file.
    #[error("{} does not exist", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a kubeconfig from text.
pub fn parse(text: &str, origin: &str) -> Result<Kubeconfig, KubeconfigError> {
    Kubeconfig::from_yaml(text).map_err(|source| KubeconfigError::Read {
        origin: origin.to_owned(),
        source: Box::new(source),
    })
}

/// Reads a kubeconfig file.
pub fn read(path: &Path) -> Result<Kubeconfig, KubeconfigError> {
    let text = fsutil::read_optional(path)?.ok_or_else(|| KubeconfigError::Absent {
        path: path.to_owned(),
    })?;
    parse(&text, &path.display().to_string())
}

/// Writes a kubeconfig in one step, readable by its owner only.
pub fn write(path: &Path, kubeconfig: &Kubeconfig) -> Result<(), KubeconfigError> {
    Ok(fsutil::write_atomic(
        path,
        yaml::emit(kubeconfig).as_bytes(),
        0o600,
    )?)
}

/// Gives the only cluster, user and context of a kubeconfig the name `context`.
#[must_use]
pub fn named(mut kubeconfig: Kubeconfig, context: &str) -> Kubeconfig {
    for cluster in &mut kubeconfig.clusters {
        context.clone_into(&mut cluster.name);
    }
    for user in &mut kubeconfig.auth_infos {
        context.clone_into(&mut user.name);
    }
    for entry in &mut kubeconfig.contexts {
        context.clone_into(&mut entry.name);
        if let Some(inner) = &mut entry.context {
            context.clone_into(&mut inner.cluster);
            inner.user = Some(context.to_owned());
        }
    }
    kubeconfig.current_context = Some(context.to_owned());
    kubeconfig
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const TEXT: &str = r#"
apiVersion: v1
kind: Config
clusters:
- name: kind-x
  cluster: {server: "https://[::1]:6443", certificate-authority-data: Zm9v}
users:
- name: kind-x
  user: {client-key-data: c2VjcmV0, client-certificate-data: Zm9v}
contexts:
- name: kind-x
  context: {cluster: kind-x, user: kind-x}
current-context: kind-x
"#;

    #[test]
    fn a_written_file_is_private_and_reads_back_with_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig.yaml");
        let kubeconfig = named(parse(TEXT, "test").unwrap(), "garden6-x");
        write(&path, &kubeconfig).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let back = read(&path).unwrap();
        assert_eq!(back.current_context.as_deref(), Some("garden6-x"));
        assert_eq!(
            back.contexts[0].context.as_ref().unwrap().cluster,
            "garden6-x"
        );
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("c2VjcmV0") && text.contains("\"https://[::1]:6443\""),
            "{text}"
        );
    }

    #[test]
    fn an_absent_file_is_named() {
        let error = read(Path::new("/nonexistent/kubeconfig")).unwrap_err();
        assert_eq!(error.to_string(), "/nonexistent/kubeconfig does not exist");
    }
}
