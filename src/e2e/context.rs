//! What a running case holds: the target, its namespace, its time, and where it writes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kube::{
    Api,
    api::{ApiResource, DynamicObject},
};
use tokio::time::Instant;

use super::{
    case::TimeoutClass,
    event::{Phase, What},
    isolation::{Leftover, Place},
    recorder::Recorder,
    target::Target,
};
use crate::{ipam::AddressPlan, net::Families};

/// The hands of a case. Cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    target: Arc<Target>,
    place: Place,
    recorder: Recorder,
    timing: Timing,
    owned: Mutex<Vec<Leftover>>,
    related: Mutex<Vec<String>>,
}

/// How long a case may take, and how time limits are stretched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// When the case is stopped.
    pub(super) deadline: Instant,
    /// By what every limit is multiplied.
    pub(super) scale: f64,
}

impl Timing {
    /// `limit` from now.
    pub(super) fn starting_now(limit: Duration, scale: f64) -> Self {
        Self {
            deadline: Instant::now() + limit.mul_f64(scale),
            scale,
        }
    }
}

impl Context {
    pub(super) fn new(
        target: Arc<Target>,
        place: Place,
        recorder: Recorder,
        timing: Timing,
    ) -> Self {
        Self(Arc::new(Inner {
            target,
            place,
            recorder,
            timing,
            owned: Mutex::default(),
            related: Mutex::default(),
        }))
    }

    /// The environment.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// The addresses that the environment was made with.
    pub fn plan(&self) -> &AddressPlan {
        &self.0.target.plan
    }

    /// The IP families of the environment.
    pub fn families(&self) -> Families {
        self.0.target.families()
    }

    /// The client.
    pub fn client(&self) -> kube::Client {
        self.0.target.client.clone()
    }

    /// The namespace of the attempt; `default` for a case that asked for none.
    pub fn namespace(&self) -> &str {
        self.0.place.namespace.as_deref().unwrap_or("default")
    }

    /// The labels that everything made by the case carries, so that a sweeper finds it.
    pub fn labels(&self) -> std::collections::BTreeMap<String, String> {
        self.0.place.labels()
    }

    /// A name that no other attempt of any run uses: `base` and the suffix of the namespace.
    pub fn unique(&self, base: &str) -> String {
        format!("{base}-{}", self.0.place.suffix)
    }

    /// Objects of a kind in the namespace of the attempt.
    pub fn namespaced(&self, kind: &ApiResource) -> Api<DynamicObject> {
        Api::namespaced_with(self.client(), self.namespace(), kind)
    }

    /// Objects of a kind that has no namespace, or of all namespaces.
    pub fn everywhere(&self, kind: &ApiResource) -> Api<DynamicObject> {
        Api::all_with(self.client(), kind)
    }

    /// Objects of a kind in some namespace.
    pub fn inside(&self, namespace: &str, kind: &ApiResource) -> Api<DynamicObject> {
        Api::namespaced_with(self.client(), namespace, kind)
    }

    /// Starts a step that prepares; a failure in it is an error of the environment.
    pub fn arrange(&self, title: &str) {
        self.0.recorder.step(Phase::Arrange, title);
    }

    /// Starts a step that acts or asserts; a failure in it is a failure of the subject.
    pub fn step(&self, title: &str) {
        self.0.recorder.step(Phase::Act, title);
    }

    /// Writes something down in the log of the case.
    pub fn note(&self, text: impl Into<String>) {
        self.0.recorder.record(What::Noted {
            case: self.0.recorder.case().to_owned(),
            attempt: self.0.recorder.attempt(),
            text: text.into(),
        });
    }

    /// Promises an object outside the namespace of the attempt, to be removed in any case.
    /// Call it before the object is made.
    pub fn will_create(&self, kind: &ApiResource, namespace: Option<&str>, name: &str) {
        let leftover = Leftover {
            kind: kind.clone(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        };
        self.0
            .owned
            .lock()
            .expect("no panic happens under this lock")
            .push(leftover);
    }

    /// Names a namespace that tells something about the case, to be collected on failure.
    pub fn relate(&self, namespace: &str) {
        let mut related = self
            .0
            .related
            .lock()
            .expect("no panic happens under this lock");
        if !related.iter().any(|known| known == namespace) {
            related.push(namespace.to_owned());
        }
    }

    /// The time of a class as it is stretched in this run.
    pub fn limit(&self, class: TimeoutClass) -> Duration {
        self.scaled(class.limit())
    }

    pub(super) fn owned(&self) -> Vec<Leftover> {
        self.0
            .owned
            .lock()
            .expect("no panic happens under this lock")
            .clone()
    }

    pub(super) fn related(&self) -> Vec<String> {
        self.0
            .related
            .lock()
            .expect("no panic happens under this lock")
            .clone()
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    pub(super) fn scaled(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.0.timing.scale)
    }

    /// The end of the case's time, less what a poll needs to report before it is stopped.
    pub(super) fn poll_deadline(&self) -> Instant {
        const MARGIN: Duration = Duration::from_millis(500);
        self.0.timing.deadline - self.scaled(MARGIN)
    }
}
