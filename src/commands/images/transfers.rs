//! What `mirror` and `verify` have in common: which images, and how registries are reached.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use reqwest::Certificate;

use super::sources::{SourceRequest, Sources, plan_failure};
use crate::{
    commands::{Context, kubeconfig::no_environment, store::Store},
    config::{BackendKind, EnvironmentName},
    failure::Failure,
    generate::LocalRegistry,
    mirror::{
        Endpoint,
        auth::CredentialStore,
        lock::{LockFileError, SourceLock},
        plan::{DraftSettings, Naming, Target},
        registry::{HttpClients, Patience, Session},
        transfer::{Job, Place, Stores},
    },
};

/// Which images.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// One image and its copy, as they were typed.
    pub pair: Option<(Place, Place)>,
    /// Files that name images.
    pub sources: SourceRequest,
    /// Where their copies go, and which of them.
    pub settings: DraftSettings,
    /// The environment whose registry copies go to.
    pub environment: Option<EnvironmentName>,
    /// The folder that all copies of files go to, or come from.
    pub layout: Option<Layout>,
    /// The lock file of sources.
    pub lock: Option<PathBuf>,
    /// Whether only what is in the lock file is taken.
    pub locked: bool,
    /// Whether the lock file is written anew.
    pub update_lock: bool,
}

/// A folder on one side of all copies.
#[derive(Clone, Debug)]
pub enum Layout {
    /// Copies come from it.
    From(PathBuf),
    /// Copies go to it.
    To(PathBuf),
}

/// How registries are reached.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Files with credentials, the first that has some for a registry decides.
    pub auth_files: Vec<PathBuf>,
    /// Files with authorities that are trusted too.
    pub ca_files: Vec<PathBuf>,
    /// Registries without TLS.
    pub plain_http: Vec<String>,
    /// Streams of large blobs per registry; 0 for the default.
    pub streams: usize,
}

impl Images {
    /// The copies to make or to look at.
    pub(super) fn jobs(&self, context: &Context) -> Result<Vec<Job>, Failure> {
        if let Some((source, target)) = &self.pair {
            let mut job = Job::new(source.clone(), completed(source, target));
            job.platforms = self.settings.platforms.clone();
            return Ok(vec![job]);
        }
        let sources = Sources::read(&self.sources)?;
        sources.warn_of_open(context);
        let plan = sources
            .draft(&self.settings(context)?)?
            .accept()
            .map_err(plan_failure)?;
        let jobs = plan.copies.iter().map(Job::planned);
        Ok(jobs.map(|job| self.through_layout(job)).collect())
    }

    fn settings(&self, context: &Context) -> Result<DraftSettings, Failure> {
        let mut settings = self.settings.clone();
        if let Some(name) = &self.environment {
            settings.target = Some(registry_of(context, name)?);
        } else if settings.target.is_none() && matches!(self.layout, Some(Layout::To(_))) {
            // The names of copies do not matter in a folder, but a plan needs some.
            settings.target = "layout.invalid".parse().ok();
            settings.naming = Naming::Full;
        }
        Ok(settings)
    }

    /// Copies have their sources' names in a folder, so that the way in and the way out take the same files.
    fn through_layout(&self, mut job: Job) -> Job {
        let place = |folder: &PathBuf| Place::Layout {
            folder: folder.clone(),
            name: job.source.to_string(),
        };
        match &self.layout {
            Some(Layout::From(folder)) => job.source = place(folder),
            Some(Layout::To(folder)) => job.target = place(folder),
            None => {}
        }
        job
    }

    /// Reads the lock file and pins the copies to it.
    pub(super) fn pin(&self, jobs: &mut [Job]) -> Result<Option<SourceLock>, Failure> {
        let Some(path) = &self.lock else {
            return Ok(None);
        };
        let lock = SourceLock::read(path).map_err(Failure::usage)?;
        if self.locked {
            let sources = lock.unknown(jobs);
            if !sources.is_empty() {
                let error = LockFileError::NotLocked {
                    path: path.display().to_string(),
                    sources,
                };
                return Err(Failure::usage(error).hint("run without `--locked` to add them"));
            }
        }
        if !self.update_lock {
            lock.pin(jobs);
        }
        Ok(Some(lock))
    }
}

/// A folder without a name in it gets the source's name.
fn completed(source: &Place, target: &Place) -> Place {
    match (source, target) {
        (Place::Registry(image), Place::Layout { folder, name }) if name.is_empty() => {
            Place::Layout {
                folder: folder.clone(),
                name: image.to_string(),
            }
        }
        _ => target.clone(),
    }
}

impl Access {
    /// The registries and folders of a run.
    pub(super) fn stores(&self, context: &Context) -> Result<Arc<Stores>, Failure> {
        let credentials = CredentialStore::read(&self.auth_files).map_err(|error| {
            Failure::usage(error).hint("name another file with `--auth-file`, or mend this one")
        })?;
        let session = Session {
            http: Arc::new(HttpClients::new(self.roots()?, Patience::default())),
            credentials: Arc::new(credentials),
            streams: self.streams,
        };
        let mut stores = Stores::new(session).plain_http(self.plain_http.iter().cloned());
        for (registry, endpoint) in Self::local(context)? {
            stores = stores.reached_at(&registry, endpoint);
        }
        Ok(Arc::new(stores))
    }

    /// Registries of environments, which this machine reaches on its loopback.
    fn local(context: &Context) -> Result<BTreeMap<String, Endpoint>, Failure> {
        let store = Store(&context.state_dir);
        let mut found = BTreeMap::new();
        for name in store.names()? {
            if let Some(environment) = store.load(&name)? {
                let published = LocalRegistry(&environment).published();
                found.insert(
                    environment.registry.address.to_string(),
                    Endpoint::plain_http(&published.into()),
                );
            }
        }
        Ok(found)
    }

    fn roots(&self) -> Result<Vec<Certificate>, Failure> {
        let mut roots = Vec::new();
        for path in &self.ca_files {
            let unreadable = |reason: String| {
                Failure::usage(format!(
                    "{} holds no certificates: {reason}",
                    path.display()
                ))
            };
            let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            let found = Certificate::from_pem_bundle(&pem)
                .map_err(|error| unreadable(error.to_string()))?;
            roots.extend(found);
        }
        Ok(roots)
    }
}

/// The registry of an environment as a place for copies.
fn registry_of(context: &Context, name: &EnvironmentName) -> Result<Target, Failure> {
    let environment = Store(&context.state_dir)
        .load(name)?
        .ok_or_else(|| no_environment(name))?;
    if environment.backend == BackendKind::Embedded {
        return Err(Failure::usage(format!(
            "environment `{name}` is embedded and has no registry"
        ))
        .hint("`garden6 up --backend kind` makes one with a registry"));
    }
    let registry = environment.registry.address.to_string();
    registry.parse().map_err(Failure::internal)
}
