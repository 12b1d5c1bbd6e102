//! One image: compare, then bring over what is missing, parts before the whole, the name last.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use http::StatusCode;

use super::{
    Counts, Job, Store, TransferOptions, filter::filtered, ledger::Ledger, meter::Meter,
    siblings::Siblings, store::Head,
};
use crate::mirror::{
    Content, Descriptor, Digest, FetchedManifest, MirrorError, fetched::is_manifest,
    plan::Platforms, registry::Flow,
};

/// Indexes within indexes deeper than this are nobody's.
const DEEPEST: usize = 8;

/// What all images of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: TransferOptions,
    pub(super) ledger: Ledger,
    pub(super) siblings: Siblings,
    pub(super) meter: Meter,
}

/// What two `HEAD` requests say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The target has this under the name.
    Same(Digest),
    /// The target has something else, or nothing.
    Differs {
        /// What the source has, if it said so.
        source: Option<Digest>,
        target: Head,
    },
}

/// The copy of one image.
#[derive(Debug)]
pub(super) struct ImageCopy<'a> {
    pub(super) number: usize,
    pub(super) job: &'a Job,
    pub(super) shared: &'a Shared,
    pub(super) from: Store,
    pub(super) to: Store,
    pub(super) flow: Arc<Flow>,
    pub(super) counts: Mutex<Counts>,
    pub(super) digest: Mutex<Option<Digest>>,
    pub(super) target_digest: Mutex<Option<Digest>>,
    visited: Mutex<HashSet<Digest>>,
    failed: AtomicBool,
    begun: AtomicBool,
    /// Whether a manifest that is at the target is taken for complete.
    trusting: AtomicBool,
}

impl<'a> ImageCopy<'a> {
    pub(super) fn new(
        number: usize,
        job: &'a Job,
        shared: &'a Shared,
        from: Store,
        to: Store,
    ) -> Self {
        Self {
            number,
            job,
            shared,
            flow: Arc::new(Flow::within(&shared.meter.flow)),
            counts: Mutex::default(),
            digest: Mutex::default(),
            target_digest: Mutex::default(),
            visited: Mutex::default(),
            failed: AtomicBool::new(false),
            begun: AtomicBool::new(false),
            trusting: AtomicBool::new(to.checks_parts()),
            from,
            to,
        }
    }

    /// Asks both sides what they have; this counts as a pull nowhere.
    pub(super) async fn compare(&self) -> Result<Comparison, MirrorError> {
        let name = self.job.source.reference();
        let source = async {
            match &self.job.pinned {
                Some(digest) => Ok(Head::Present(Some(digest.clone()))),
                None => self.from.head(&name).await,
            }
        };
        let target = self.job.target.reference();
        let (source, target) = tokio::join!(source, self.to.head_of_target(&target));
        let source = match source? {
            Head::Present(digest) => digest,
            Head::Absent => return Err(self.missing(&name)),
        };
        self.found(source.as_ref());
        let target = target?;
        self.shared.siblings.add(&self.to);
        if target != Head::Absent {
            self.shared.siblings.found_something();
        }
        Ok(match (source, target) {
            // A sparse index has the digest of the whole one, so its parts have to be looked at.
            (Some(source), Head::Present(Some(target)))
                if source == target && self.job.platforms == Platforms::All =>
            {
                Comparison::Same(source)
            }
            (source, target) => Comparison::Differs { source, target },
        })
    }

    fn found(&self, digest: Option<&Digest>) {
        if let Some(digest) = digest {
            *self
                .digest
                .lock()
                .expect("no panic happens under this lock") = Some(digest.clone());
        }
    }

    /// Brings over what a comparison found missing. Returns whether the target lacked anything.
    pub(super) async fn copy(&self, compared: Comparison) -> Result<bool, MirrorError> {
        let (source, target) = match compared {
            Comparison::Same(digest) => (Some(digest.clone()), Head::Present(Some(digest))),
            Comparison::Differs { source, target } => (source, target),
        };
        let reference =
            source.map_or_else(|| self.job.source.reference(), |digest| digest.to_string());
        let document = self.read(&reference).await?;
        self.found(Some(&document.digest));
        let wanted = self.wanted(&document).await?;
        let Head::Present(has) = target else {
            self.place_root(&document, &wanted).await?;
            return Ok(true);
        };
        // Another name for what is there: only the name is missing.
        let is_named = has.as_ref() == Some(&wanted.digest)
            || (has.as_ref() == Some(&document.digest) && self.is_there(&wanted).await?);
        if is_named && self.to.checks_parts() {
            if wanted.digest != document.digest && has.as_ref() == Some(&wanted.digest) {
                self.stored_as(&wanted.digest);
            }
            self.count(|counts| counts.manifests_present += 1);
            self.place_signatures(&wanted).await?;
            return Ok(self.counts().manifests_moved > 0);
        }
        self.place_root(&document, &wanted).await?;
        Ok(!is_named || self.counts().moved.blobs > 0)
    }

    /// The part of the source that was asked for.
    async fn wanted(&self, document: &FetchedManifest) -> Result<FetchedManifest, MirrorError> {
        let platforms = &self.job.platforms;
        match (&document.content, platforms) {
            (_, Platforms::All) => Ok(document.clone()),
            (Content::Index(_), _) => filtered(document, platforms),
            (Content::Image(blobs), _) => {
                self.check_platform(document, blobs).await?;
                Ok(document.clone())
            }
        }
    }

    /// An image without an index says in its configuration what it runs on.
    async fn check_platform(
        &self,
        document: &FetchedManifest,
        blobs: &[Descriptor],
    ) -> Result<(), MirrorError> {
        const LARGEST: u64 = 4 * 1024 * 1024;
        let Some(config) = blobs.first().filter(|config| config.size <= LARGEST) else {
            return Ok(());
        };
        let bytes = self
            .from
            .source(&config.digest)
            .open(config)
            .await?
            .collect()
            .await?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        match (text("os"), text("architecture")) {
            (Some(os), Some(architecture))
                if !self.job.platforms.take(os, architecture, text("variant")) =>
            {
                Err(MirrorError::Manifest {
                    what: document.digest.to_string(),
                    reason: format!(
                        "it has none of {}, but {os}/{architecture}",
                        self.job.platforms
                    ),
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether the target has the parts of an index.
    async fn is_there(&self, wanted: &FetchedManifest) -> Result<bool, MirrorError> {
        let Content::Index(children) = &wanted.content else {
            return Ok(true);
        };
        for child in children {
            let digest = child.descriptor.digest.to_string();
            if self.to.head_of_target(&digest).await? == Head::Absent {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn place_root(
        &self,
        whole: &FetchedManifest,
        wanted: &FetchedManifest,
    ) -> Result<(), MirrorError> {
        let placed = match self.place_parts_and_name(whole, wanted).await {
            Err(error) if is_part_missing(&error) && !self.shared.options.dry_run => {
                // What the target said it had, it does not have: nothing it says is taken for granted now.
                self.trusting.store(false, Ordering::Relaxed);
                self.failed.store(false, Ordering::Relaxed);
                self.visited
                    .lock()
                    .expect("no panic happens under this lock")
                    .clear();
                self.shared.ledger.forget(&self.to.key());
                self.place_parts_and_name(whole, wanted).await
            }
            placed => placed,
        };
        placed?;
        self.place_signatures(wanted).await
    }

    async fn place_parts_and_name(
        &self,
        whole: &FetchedManifest,
        wanted: &FetchedManifest,
    ) -> Result<(), MirrorError> {
        self.place_parts(wanted, 0).await?;
        let name = self.job.target.reference();
        if self.shared.options.dry_run {
            self.count(|counts| counts.manifests_moved += 1);
            return Ok(());
        }
        self.begin();
        let name = name.parse::<Digest>().is_err().then_some(name.as_str());
        if wanted.digest != whole.digest {
            // The whole index keeps the digest; most registries refuse it while parts are left out.
            let sparse = match &self.to {
                Store::Registry { .. } => self.to.put_document(whole, name).await,
                Store::Layout(_) => Err(MirrorError::NotTried),
            };
            match sparse {
                Ok(()) => {
                    self.count(|counts| counts.manifests_moved += 1);
                    return Ok(());
                }
                Err(error) if is_part_missing(&error) || matches!(error, MirrorError::NotTried) => {
                }
                Err(error) => return Err(error),
            }
            self.stored_as(&wanted.digest);
        }
        self.to.put_document(wanted, name).await?;
        self.count(|counts| counts.manifests_moved += 1);
        Ok(())
    }

    fn stored_as(&self, digest: &Digest) {
        let mut stored = self
            .target_digest
            .lock()
            .expect("no panic happens under this lock");
        *stored = Some(digest.clone());
    }

    /// Brings over what a manifest refers to.
    fn place_parts<'f>(
        &'f self,
        document: &'f FetchedManifest,
        depth: usize,
    ) -> BoxFuture<'f, Result<(), MirrorError>> {
        async move {
            match &document.content {
                Content::Image(blobs) => {
                    // The largest first, so that none of them is alone at the end.
                    let mut blobs: Vec<&Descriptor> = blobs.iter().collect();
                    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
                    all(blobs.into_iter().map(|blob| self.place_blob(blob))).await
                }
                Content::Index(_) if depth >= DEEPEST => Err(MirrorError::Manifest {
                    what: document.digest.to_string(),
                    reason: format!("indexes are nested deeper than {DEEPEST}"),
                }),
                Content::Index(children) => {
                    let children = children.iter().map(|child| &child.descriptor);
                    all(children.map(|child| self.place_child(child, depth + 1))).await
                }
            }
        }
        .boxed()
    }

    /// Brings over a manifest that another one refers to, under its digest.
    pub(super) fn place_child<'f>(
        &'f self,
        child: &'f Descriptor,
        depth: usize,
    ) -> BoxFuture<'f, Result<(), MirrorError>> {
        async move {
            if !self.visit(&child.digest) {
                return Ok(());
            }
            if !is_manifest(&child.media_type) {
                // Build caches list layers in an index.
                return self.place_blob(child).await;
            }
            let reference = child.digest.to_string();
            if self.trusting.load(Ordering::Relaxed)
                && !self.is_target_new()
                && self.to.head_of_target(&reference).await? != Head::Absent
            {
                self.count(|counts| counts.manifests_present += 1);
                return Ok(());
            }
            self.go_on()?;
            let document = self.read(&reference).await?;
            self.place_document(&document, None, depth).await
        }
        .boxed()
    }

    /// Brings over a manifest with all it refers to.
    pub(super) async fn place_document(
        &self,
        document: &FetchedManifest,
        name: Option<&str>,
        depth: usize,
    ) -> Result<(), MirrorError> {
        self.place_parts(document, depth).await?;
        if !self.shared.options.dry_run {
            self.go_on()?;
            self.begin();
            let stored = self.to.put_document(document, name).await;
            stored.inspect_err(|_| self.fail())?;
        }
        self.count(|counts| counts.manifests_moved += 1);
        Ok(())
    }

    /// Reads a manifest of the source, if the registry's allowance lets us.
    pub(super) async fn read(&self, reference: &str) -> Result<FetchedManifest, MirrorError> {
        if let Some(client) = self.from.client()
            && let Some(budget) = client.budget()
            && budget.remaining <= self.shared.options.pulls_kept
        {
            return Err(MirrorError::PullsUsedUp {
                registry: client.name().to_owned(),
                limit: budget.limit,
                window: budget.window,
            });
        }
        let document = self.from.fetch(reference).await?;
        document.ok_or_else(|| self.missing(reference))
    }

    fn missing(&self, reference: &str) -> MirrorError {
        let repository = self.from.repository();
        MirrorError::Missing {
            what: format!("image {repository}:{reference}"),
            registry: self.from.key(),
        }
    }

    /// Shows the image the first time that something is done for it.
    pub(super) fn begin(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            let title = self.job.target.to_string();
            self.shared.meter.begin(self.number, title, &self.flow);
        }
    }

    pub(super) fn visit(&self, digest: &Digest) -> bool {
        let mut visited = self
            .visited
            .lock()
            .expect("no panic happens under this lock");
        visited.insert(digest.clone())
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(
            &mut self
                .counts
                .lock()
                .expect("no panic happens under this lock"),
        );
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = *self
            .counts
            .lock()
            .expect("no panic happens under this lock");
        counts.bytes_wasted = self.flow.wasted();
        counts
    }

    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Nothing new is begun for an image that failed; what is under way comes to its end, for the next run.
    pub(super) fn go_on(&self) -> Result<(), MirrorError> {
        if self.failed.load(Ordering::Relaxed) {
            Err(MirrorError::NotTried)
        } else {
            Ok(())
        }
    }
}

/// Waits for all and tells the first failure that is not the consequence of another.
async fn all(
    parts: impl Iterator<Item = impl Future<Output = Result<(), MirrorError>>>,
) -> Result<(), MirrorError> {
    let mut first = Ok(());
    for part in join_all(parts).await {
        match (&first, &part) {
            (Ok(()), Err(_)) => first = part,
            (Err(MirrorError::NotTried), Err(error)) if !matches!(error, MirrorError::NotTried) => {
                first = part;
            }
            _ => {}
        }
    }
    first
}

/// Whether a registry refused a manifest because something it refers to is not there.
fn is_part_missing(error: &MirrorError) -> bool {
    match error {
        MirrorError::Refused { status, body, .. } => {
            matches!(*status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)
                && (body.contains("_UNKNOWN") || body.contains("unknown"))
        }
        _ => false,
    }
}
