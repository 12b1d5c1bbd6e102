//! Trouble on the way: no tag ever points at something damaged or incomplete, and a rerun completes.

use std::time::Duration;

use garden6::mirror::{
    Digest,
    transfer::{Job, Outcome, Report},
};
use http::{Method, StatusCode};

use super::{
    corpus::{Image, Index, everything, noise},
    fault_proxy::{Fault, FaultProxy, Trouble},
    registry::{Registry, copy, copy_impatiently, job},
};

const BLOBS: &str = "/blobs/sha256:";
const UPLOADS: &str = "/blobs/uploads/";
const MANIFESTS: &str = "/manifests/";

fn trouble(method: Method, path: &'static str, fault: Fault, times: usize) -> Trouble {
    Trouble {
        method,
        path,
        fault,
        times,
    }
}

fn status(status: u16) -> Fault {
    Fault::Status(StatusCode::from_u16(status).expect("a status"), Vec::new())
}

/// An index in one registry, an empty other one, and trouble on both ways.
struct Scene {
    from: Registry,
    to: Registry,
    source: FaultProxy,
    target: FaultProxy,
    jobs: [Job; 1],
    /// Bytes of the different blobs.
    bytes: u64,
}

impl Scene {
    async fn new(test: &str, reading: Vec<Trouble>, writing: Vec<Trouble>) -> Option<Self> {
        let from = Registry::start(test).await?;
        let to = Registry::start(test).await?;
        let index = Index::new(1, &[100, 600_000]);
        index.push(&from.client(), "app", "v1").await;
        let source = FaultProxy::in_front_of(from.address, reading).await;
        let target = FaultProxy::in_front_of(to.address, writing).await;
        let jobs = [job(&source.image("app:v1"), &target.image("app:v1"))];
        Some(Self {
            from,
            to,
            source,
            target,
            jobs,
            bytes: index.blob_bytes(),
        })
    }

    /// A tag that is there is whole, and holds the bytes of the source.
    async fn check(&self) -> bool {
        if self
            .to
            .client()
            .tags("app")
            .await
            .expect("an answer")
            .is_empty()
        {
            return false;
        }
        let target = everything(self.to.address, "app", "v1").await;
        let source = everything(self.from.address, "app", "v1").await;
        assert!(
            target.is_some() && target == source,
            "a tag points at something else"
        );
        true
    }

    /// Runs until it succeeds; every run leaves the target in order, and the totals add up to what is there.
    async fn run(&self, runs: usize) -> Vec<Report> {
        let mut reports = Vec::new();
        for _ in 0..runs {
            let report = copy(&self.jobs).await;
            let is_there = self.check().await;
            let outcome = report.images[0].outcome;
            assert_eq!(outcome != Outcome::Failed, is_there, "{report:?}");
            reports.push(report);
            if is_there {
                break;
            }
        }
        let moved: u64 = reports
            .iter()
            .map(|report| report.totals.content.moved.bytes)
            .sum();
        assert_eq!(moved, self.bytes, "every blob counts as moved once");
        let unused = (self.source.unused(), self.target.unused());
        assert!(
            unused.0.is_empty() && unused.1.is_empty(),
            "trouble that never came: {unused:?}"
        );
        reports
    }
}

/// Runs a scene that has to succeed at once: the trouble is ridden out.
async fn rides_out(test: &str, reading: Vec<Trouble>, writing: Vec<Trouble>) -> Option<Report> {
    let scene = Scene::new(test, reading, writing).await?;
    let mut reports = scene.run(1).await;
    let report = reports.pop().expect("one run");
    assert_eq!(
        report.images[0].outcome,
        Outcome::Copied,
        "{test}: {report:?}"
    );
    Some(report)
}

#[tokio::test]
async fn connections_cut_at_any_byte_are_taken_up_where_they_broke() {
    for seed in 0..4_u64 {
        let at = |number: u64, below: u64| {
            let bytes = noise(seed * 10 + number, 8);
            let value = u64::from_le_bytes(bytes[..].try_into().expect("eight bytes"));
            usize::try_from(value % below).expect("a small number")
        };
        let reading = vec![
            trouble(Method::GET, BLOBS, Fault::CutAnswer(at(1, 600_000)), 2),
            trouble(Method::GET, BLOBS, Fault::CutAnswer(at(2, 200)), 1),
            trouble(Method::GET, MANIFESTS, Fault::CutAnswer(at(3, 300)), 2),
        ];
        let writing = vec![
            trouble(Method::PUT, UPLOADS, Fault::CutRequest(at(4, 50) + 1), 1),
            trouble(Method::PUT, MANIFESTS, Fault::CutRequest(at(5, 200) + 1), 1),
            trouble(Method::POST, UPLOADS, Fault::CutAnswer(0), 1),
        ];
        if rides_out("cut", reading, writing).await.is_none() {
            return;
        }
    }
}

#[tokio::test]
async fn too_many_requests_and_errors_of_the_server_are_waited_for() {
    let too_many = Fault::Status(
        StatusCode::TOO_MANY_REQUESTS,
        vec![("retry-after", "1".to_owned())],
    );
    let reading = vec![
        trouble(Method::HEAD, MANIFESTS, too_many.clone(), 1),
        trouble(Method::GET, BLOBS, status(503), 2),
        trouble(Method::GET, MANIFESTS, status(500), 2),
    ];
    let writing = vec![
        trouble(Method::POST, UPLOADS, too_many, 1),
        trouble(Method::PUT, UPLOADS, status(500), 2),
        trouble(Method::PUT, MANIFESTS, status(502), 2),
    ];
    rides_out("429 and 500", reading, writing).await;
}

#[tokio::test]
async fn wrong_bytes_are_never_stored() {
    let reading = vec![
        trouble(Method::GET, BLOBS, Fault::Damage(50), 2),
        trouble(Method::GET, BLOBS, Fault::Damage(550_000), 1),
        trouble(Method::GET, MANIFESTS, Fault::Damage(30), 1),
    ];
    let Some(report) = rides_out("damage", reading, Vec::new()).await else {
        return;
    };
    assert!(report.totals.content.bytes_wasted < 4_000_000, "{report:?}");
}

#[tokio::test]
async fn bytes_that_stay_wrong_fail_the_image_and_leave_no_tag() {
    let reading = vec![trouble(Method::GET, BLOBS, Fault::Damage(99), 1000)];
    let Some(scene) = Scene::new("lasting damage", reading, Vec::new()).await else {
        return;
    };
    let report = copy(&scene.jobs).await;
    assert_eq!(report.images[0].outcome, Outcome::Failed);
    assert!(!scene.check().await);
    let failure = report.images[0].failure.clone().expect("a failure");
    assert!(failure.cause.contains("expected sha256:"), "{failure:?}");
    assert!(report.totals.content.failed.blobs > 0, "{report:?}");
}

#[tokio::test]
async fn bodies_that_are_too_short_are_filled_up() {
    let reading = vec![
        trouble(Method::GET, BLOBS, Fault::Truncate(10), 2),
        trouble(Method::GET, BLOBS, Fault::Truncate(590_000), 1),
        trouble(Method::GET, BLOBS, Fault::Truncate(0), 1),
    ];
    rides_out("truncated", reading, Vec::new()).await;
}

#[tokio::test]
async fn a_line_that_drips_or_is_silent_is_left_for_another() {
    let drip = Fault::Drip(Duration::from_millis(50));
    let reading = vec![trouble(Method::GET, BLOBS, drip, 2)];
    let Some(scene) = Scene::new("drip", reading, Vec::new()).await else {
        return;
    };
    let report = copy_impatiently(&scene.jobs).await;
    assert_eq!(report.images[0].outcome, Outcome::Copied, "{report:?}");
    assert!(scene.check().await);
    assert!(scene.source.unused().is_empty());
}

#[tokio::test]
async fn an_upload_that_the_registry_lost_begins_anew() {
    let writing = vec![trouble(Method::PUT, UPLOADS, Fault::LoseSession, 3)];
    rides_out("lost session", Vec::new(), writing).await;
}

#[tokio::test]
async fn a_registry_that_takes_no_whole_blob_gets_chunks() {
    let writing = vec![trouble(Method::PUT, UPLOADS, status(405), 1)];
    let Some(scene) = Scene::new("chunks", Vec::new(), writing).await else {
        return;
    };
    scene.run(1).await;
    assert!(scene.target.count(&Method::PATCH, UPLOADS) >= 1);
}

#[tokio::test]
async fn a_chunk_that_breaks_goes_on_where_the_registry_says_it_is() {
    let writing = vec![
        trouble(Method::PUT, UPLOADS, status(413), 2),
        trouble(Method::PATCH, UPLOADS, status(500), 2),
    ];
    rides_out("broken chunk", Vec::new(), writing).await;
}

#[tokio::test]
async fn a_refusal_in_mid_run_is_answered_with_a_new_token() {
    let Some(from) = Registry::start("401").await else {
        return;
    };
    let Some(to) = Registry::start("401").await else {
        return;
    };
    let tokens = super::token_server::TokenServer::start().await;
    Index::new(1, &[100, 700_000])
        .push(&from.client(), "app", "v1")
        .await;
    let challenge = format!(
        "Bearer realm=\"http://{}/token\",service=\"x\",scope=\"repository:app:pull,push\"",
        tokens.address
    );
    let refusal = Fault::Status(
        StatusCode::UNAUTHORIZED,
        vec![("www-authenticate", challenge)],
    );
    let reading = vec![
        trouble(Method::GET, BLOBS, refusal.clone(), 2),
        trouble(Method::GET, MANIFESTS, refusal.clone(), 1),
    ];
    let writing = vec![
        trouble(Method::POST, UPLOADS, refusal.clone(), 1),
        trouble(Method::PUT, UPLOADS, refusal.clone(), 2),
        trouble(Method::PUT, MANIFESTS, refusal, 1),
    ];
    let source = FaultProxy::in_front_of(from.address, reading).await;
    let target = FaultProxy::in_front_of(to.address, writing).await;
    let report = copy(&[job(&source.image("app:v1"), &target.image("app:v1"))]).await;
    assert_eq!(report.images[0].outcome, Outcome::Copied, "{report:?}");
    assert!(source.unused().is_empty() && target.unused().is_empty());
    assert!(tokens.given() >= 2);
    assert_eq!(
        everything(from.address, "app", "v1").await,
        everything(to.address, "app", "v1").await
    );
}

#[tokio::test]
async fn a_full_target_fails_the_image_and_a_rerun_moves_only_the_rest() {
    let Some(from) = Registry::start("full").await else {
        return;
    };
    let Some(to) = Registry::start("full").await else {
        return;
    };
    // One blob after the other reaches the target, so that some are there when it is full.
    let image = Image::new(8, "linux/amd64", &[600_000, 700_000, 800_000, 900_000]);
    image.push(&from.client(), "app", Some("v1")).await;
    let full = "/blobs/uploads/";
    let writing = vec![
        trouble(Method::PUT, full, Fault::Silence(Duration::ZERO), 2),
        trouble(Method::PUT, full, status(507), 100),
    ];
    let target = FaultProxy::in_front_of(to.address, writing).await;
    let jobs = [job(&from.image("app:v1"), &target.image("app:v1"))];
    let report = copy(&jobs).await;
    assert_eq!(report.images[0].outcome, Outcome::Failed, "{report:?}");
    let failure = report.images[0].failure.clone().expect("a failure");
    assert!(
        failure.advice.expect("advice").contains("make room"),
        "{report:?}"
    );
    assert!(to.client().tags("app").await.expect("an answer").is_empty());
    let first = report.totals.content.moved;
    assert_eq!(first.blobs, 2, "{report:?}");
    assert_eq!(target.stored(), first.bytes);

    let again = copy(&[job(&from.image("app:v1"), &to.image("app:v1"))]).await;
    let content = again.totals.content;
    assert_eq!(again.totals.copied, 1, "{again:?}");
    assert_eq!(content.present.bytes, first.bytes);
    assert_eq!(content.moved.blobs + content.present.blobs, 5);
}

#[tokio::test]
async fn a_part_that_vanished_from_the_target_is_brought_again() {
    let Some(from) = Registry::start("vanished").await else {
        return;
    };
    let Some(to) = Registry::start("vanished").await else {
        return;
    };
    let index = Index::new(3, &[20_000]);
    index.push(&from.client(), "app", "v1").await;
    // The target says once that it has a child, and then does not.
    let here = Fault::Status(
        StatusCode::OK,
        vec![("docker-content-digest", Digest::of(b"x").to_string())],
    );
    let target = FaultProxy::in_front_of(
        to.address,
        vec![trouble(Method::HEAD, "/manifests/sha256:", here, 2)],
    )
    .await;
    let report = copy(&[job(&from.image("app:v1"), &target.image("app:v1"))]).await;
    assert_eq!(report.images[0].outcome, Outcome::Copied, "{report:?}");
    assert_eq!(
        everything(from.address, "app", "v1").await,
        everything(to.address, "app", "v1").await
    );
}

#[tokio::test]
async fn pulls_that_are_used_up_are_not_asked_for() {
    let Some(from) = Registry::start("pulls").await else {
        return;
    };
    let Some(to) = Registry::start("pulls").await else {
        return;
    };
    Image::new(1, "linux/amd64", &[1000])
        .push(&from.client(), "app", Some("v1"))
        .await;
    let digest = from
        .client()
        .manifest_digest("app", "v1")
        .await
        .expect("an answer");
    let used_up = Fault::Status(
        StatusCode::OK,
        vec![
            (
                "docker-content-digest",
                digest.expect("a digest").to_string(),
            ),
            ("ratelimit-limit", "100;w=21600".to_owned()),
            ("ratelimit-remaining", "0;w=21600".to_owned()),
        ],
    );
    let source = FaultProxy::in_front_of(
        from.address,
        vec![trouble(Method::HEAD, MANIFESTS, used_up, 1)],
    )
    .await;
    let report = copy(&[job(&source.image("app:v1"), &to.image("app:v1"))]).await;
    let failure = report.images[0].failure.clone().expect("it fails");
    assert!(
        failure.cause.contains("it grants 100 in 6 h"),
        "{failure:?}"
    );
    assert_eq!(source.count(&Method::GET, MANIFESTS), 0);
}
