//! Calico on the cluster: upstream's manifest, patched for the families, applied server-side.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use kube::Client;

use super::KindError;
use crate::{
    cluster::{
        ClusterError,
        apply::{UnknownKind, apply},
    },
    config::Environment,
    fsutil,
    generate::calico::{Settings, felix_configuration, render},
    mirror::Digest,
    progress::{Progress, Step},
};

/// The release the patches were written for.
const VERSION: &str = "v3.32.1";
const SOURCE: &str =
    "https://raw.githubusercontent.com/projectcalico/calico/v3.32.1/manifests/calico.yaml";
const DIGEST: &str = "sha256:a1df919d9721cf667accdc3e72848911b0cb25cfab7d2478ad0c996302c95744";
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the manifest comes from.
#[derive(Debug, Clone)]
pub struct CalicoManifest<'a> {
    /// A file of the user's.
    pub given: Option<&'a Path>,
    /// Where a download is kept.
    pub cache: &'a Path,
}

impl CalicoManifest<'_> {
    /// Applies the rendered manifest.
    pub(super) async fn install(
        &self,
        client: &Client,
        environment: &Environment,
        progress: &Progress,
        step: &Step,
    ) -> Result<(), ClusterError> {
        let (text, path) = self.read(step).await?;
        let settings = Settings::for_local_cluster(&environment.plan);
        let mut objects =
            render(&text, &path.display().to_string(), &settings).map_err(KindError::from)?;
        objects.push(felix_configuration());
        // A disruption budget protects nothing in a cluster of one machine, and old clusters lack the kind.
        let unknown = |kind: &kube::core::GroupVersionKind| match kind.group.as_str() {
            "policy" => UnknownKind::LeaveOut,
            _ => UnknownKind::Refuse,
        };
        for left_out in apply(client, &objects, unknown, step).await? {
            progress.warn(format!(
                "{left_out} is left out: the cluster does not serve its kind"
            ));
        }
        Ok(())
    }

    /// The file that the manifest is in, or will be once it is downloaded.
    pub fn path(&self) -> PathBuf {
        self.given.map_or_else(
            || self.cache.join(format!("calico-{VERSION}.yaml")),
            Path::to_owned,
        )
    }

    /// The given file, else the cached one, else a download that is checked and cached. Returns the text and
    /// the file it is in.
    pub async fn read(&self, step: &Step) -> Result<(String, PathBuf), KindError> {
        let unreadable = |path: &Path, source| KindError::Manifest {
            path: path.to_owned(),
            source: Box::new(source),
        };
        if let Some(path) = self.given {
            let text = std::fs::read_to_string(path)
                .map_err(|source| unreadable(path, fsutil::FileError::new("read", path, source)))?;
            return Ok((text, path.to_owned()));
        }
        let path = self.path();
        let cached = fsutil::read_optional(&path).map_err(|error| unreadable(&path, error))?;
        // What was cut short or edited is fetched again.
        if let Some(text) = cached.filter(|text| is_pinned(text)) {
            return Ok((text, path));
        }
        step.detail(format!("downloading the manifest of calico {VERSION}"));
        let text = download(&path).await?;
        fsutil::create_private_dir(self.cache)
            .and_then(|()| fsutil::write_atomic(&path, text.as_bytes(), 0o600))
            .map_err(|error| unreadable(&path, error))?;
        Ok((text, path))
    }
}

async fn download(path: &Path) -> Result<String, KindError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| KindError::Download {
        url: SOURCE.to_owned(),
        path: path.to_owned(),
        source,
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let get = async {
        let client = reqwest::Client::builder()
            .timeout(DOWNLOAD_TIMEOUT)
            .build()?;
        client
            .get(SOURCE)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await
    };
    let text = get
        .await
        .map_err(|error: reqwest::Error| failed(Box::new(error)))?;
    if is_pinned(&text) {
        return Ok(text);
    }
    let found = Digest::of(text.as_bytes());
    Err(failed(
        format!("the content has digest {found}, expected {DIGEST}").into(),
    ))
}

/// Whether a text is the manifest that the patches were written for.
fn is_pinned(text: &str) -> bool {
    Digest::of(text.as_bytes()).to_string() == DIGEST
}
