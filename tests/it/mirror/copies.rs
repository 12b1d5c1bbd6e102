//! Copies from registry to registry.

use garden6::mirror::{
    Digest, media_type,
    plan::Platforms,
    transfer::{Outcome, TransferOptions},
};

use http::{Method, StatusCode};

use super::{
    corpus::{Image, Index, everything},
    fault_proxy::{Fault, FaultProxy, Trouble},
    registry::{Registry, copy, copy_with, job},
};

async fn two(test: &str) -> Option<(Registry, Registry)> {
    Some((Registry::start(test).await?, Registry::start(test).await?))
}

#[tokio::test]
async fn an_index_with_four_platforms_and_attestations_arrives_byte_for_byte() {
    let Some((from, to)) = two("index").await else {
        return;
    };
    let index = Index::new(1, &[0, 100, 700_000, 2_000_000]);
    index.push(&from.client(), "team/app", "v1").await;
    let jobs = [job(&from.image("team/app:v1"), &to.image("3rd/app:v1"))];
    let report = copy(&jobs).await;
    let image = &report.images[0];
    assert_eq!(image.outcome, Outcome::Copied, "{image:?}");
    assert_eq!(image.digest, Some(index.digest()));
    let source = everything(from.address, "team/app", "v1")
        .await
        .expect("the source");
    let target = everything(to.address, "3rd/app", "v1")
        .await
        .expect("the copy");
    assert!(source == target, "the copy differs");
    assert_eq!(image.counts.manifests_moved, 9);
    // What moved is every blob once, however many manifests name it.
    let blobs = source.len() as u64 - 9;
    assert_eq!(image.counts.moved.blobs, blobs, "{:?}", image.counts);

    let again = copy(&jobs).await;
    assert_eq!(again.images[0].outcome, Outcome::Present);
    assert_eq!(again.totals.content.moved.blobs, 0);
}

#[tokio::test]
async fn repositories_of_one_target_share_blobs_instead_of_sending_them_twice() {
    let Some((from, to)) = two("mount").await else {
        return;
    };
    let base = super::corpus::noise(5, 1_000_000);
    for number in 1..=3 {
        let own = super::corpus::noise(number, 1000);
        let image = Image::of_layers(number, "linux/amd64", vec![base.clone(), own]);
        image
            .push(&from.client(), &format!("app{number}"), Some("v1"))
            .await;
    }
    let jobs: Vec<_> = (1..=3)
        .map(|number| {
            let name = format!("app{number}:v1");
            job(&from.image(&name), &to.image(&name))
        })
        .collect();
    let report = copy(&jobs).await;
    let content = report.totals.content;
    assert_eq!(report.totals.copied, 3, "{report:?}");
    assert_eq!((content.moved.blobs, content.mounted.blobs), (7, 2));
    assert_eq!(content.mounted.bytes, 2_000_000);
    for number in 1..=3 {
        let name = format!("app{number}");
        assert_eq!(
            everything(from.address, &name, "v1").await,
            everything(to.address, &name, "v1").await
        );
    }
}

#[tokio::test]
async fn what_an_earlier_run_brought_to_one_repository_is_not_sent_to_another() {
    let Some((from, to)) = two("siblings").await else {
        return;
    };
    let base = super::corpus::noise(5, 600_000);
    for number in 1..=2 {
        let own = super::corpus::noise(number, 1000);
        let image = Image::of_layers(number, "linux/amd64", vec![base.clone(), own]);
        let name = format!("app{number}");
        image.push(&from.client(), &name, Some("v1")).await;
    }
    let jobs = ["app1:v1", "app2:v1"].map(|name| job(&from.image(name), &to.image(name)));
    copy(&jobs[..1]).await;
    let report = copy(&jobs).await;
    let content = report.totals.content;
    assert_eq!(
        (content.moved.blobs, content.mounted.bytes),
        (2, 600_000),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_copy_within_a_registry_moves_nothing() {
    let Some(registry) = Registry::start("within").await else {
        return;
    };
    let image = Image::new(9, "linux/amd64", &[10_000, 800_000]);
    image.push(&registry.client(), "a/b", Some("v1")).await;
    let report = copy(&[job(&registry.image("a/b:v1"), &registry.image("c/d:v2"))]).await;
    let content = report.totals.content;
    assert_eq!(report.totals.copied, 1, "{report:?}");
    assert_eq!((content.moved.blobs, content.mounted.blobs), (0, 3));
    assert_eq!(
        everything(registry.address, "a/b", "v1").await,
        everything(registry.address, "c/d", "v2").await
    );
}

#[tokio::test]
async fn only_what_changed_is_moved() {
    let Some((from, to)) = two("change").await else {
        return;
    };
    Image::new(3, "linux/amd64", &[50_000, 600_000])
        .push(&from.client(), "app", Some("v1"))
        .await;
    let jobs = [job(&from.image("app:v1"), &to.image("app:v1"))];
    copy(&jobs).await;
    let mut layers = Image::new(3, "linux/amd64", &[50_000, 600_000])
        .blobs
        .split_off(1);
    layers[0] = super::corpus::noise(99, 40_000);
    Image::of_layers(4, "linux/amd64", layers)
        .push(&from.client(), "app", Some("v1"))
        .await;
    let report = copy(&jobs).await;
    let content = report.totals.content;
    assert_eq!(
        (content.moved.blobs, content.present.blobs),
        (2, 1),
        "{report:?}"
    );
    assert_eq!(content.present.bytes, 600_000);
}

#[tokio::test]
async fn a_first_copy_asks_for_small_blobs_with_the_request_that_would_send_them() {
    let Some((from, to)) = two("first copy").await else {
        return;
    };
    let image = Image::new(31, "linux/amd64", &[100, 700_000]);
    image.push(&from.client(), "app", Some("v1")).await;
    let target = FaultProxy::in_front_of(to.address, Vec::new()).await;
    let report = copy(&[job(&from.image("app:v1"), &target.image("app:v1"))]).await;
    assert_eq!(report.totals.copied, 1, "{report:?}");
    assert_eq!(target.count(&Method::HEAD, "/manifests/"), 1);
    // Only of the large one is it worth knowing beforehand.
    assert_eq!(target.count(&Method::HEAD, "/blobs/"), 1);
    assert_eq!(target.count(&Method::POST, "&from=app"), 2);
    assert_eq!(target.count(&Method::POST, "/blobs/uploads/"), 3);
}

#[tokio::test]
async fn blobs_without_a_manifest_are_found_and_not_sent_again() {
    let Some((from, to)) = two("blobs without a manifest").await else {
        return;
    };
    let image = Image::new(32, "linux/amd64", &[100, 200, 700_000]);
    image.push(&from.client(), "app", Some("v1")).await;
    for blob in &image.blobs[2..] {
        let stored = to.client().put_bytes("app", blob.clone()).await;
        stored.expect("a blob is stored");
    }
    let target = FaultProxy::in_front_of(to.address, Vec::new()).await;
    let report = copy(&[job(&from.image("app:v1"), &target.image("app:v1"))]).await;
    let content = report.totals.content;
    assert_eq!((content.present.blobs, content.present.bytes), (2, 700_200));
    assert_eq!(content.moved.blobs, 2);
    assert_eq!(target.stored(), content.moved.bytes);
}

#[tokio::test]
async fn a_registry_that_refuses_to_mount_gets_the_blob_all_the_same() {
    let Some((from, to)) = two("no mounting").await else {
        return;
    };
    let image = Image::new(33, "linux/amd64", &[100]);
    image.push(&from.client(), "app", Some("v1")).await;
    let refusal = Trouble {
        method: Method::POST,
        path: "&from=",
        fault: Fault::Status(StatusCode::METHOD_NOT_ALLOWED, Vec::new()),
        times: 2,
    };
    let target = FaultProxy::in_front_of(to.address, vec![refusal]).await;
    let report = copy(&[job(&from.image("app:v1"), &target.image("app:v1"))]).await;
    assert!(target.unused().is_empty());
    assert_eq!(report.totals.content.moved.blobs, 2, "{report:?}");
    assert_eq!(
        everything(from.address, "app", "v1").await,
        everything(to.address, "app", "v1").await
    );
}

#[tokio::test]
async fn a_part_of_the_platforms_is_an_index_of_its_own_where_a_sparse_one_is_refused() {
    let Some((from, to)) = two("platforms").await else {
        return;
    };
    let index = Index::new(2, &[3000]);
    index.push(&from.client(), "app", "v1").await;
    let mut jobs = [job(&from.image("app:v1"), &to.image("app:v1"))];
    jobs[0].platforms = Platforms::of(vec!["linux/arm64".parse().expect("a platform")]);
    let report = copy(&jobs).await;
    let image = &report.images[0];
    assert_eq!(image.outcome, Outcome::Copied, "{image:?}");
    let stored = to
        .client()
        .manifest_digest("app", "v1")
        .await
        .expect("an answer");
    assert_eq!(image.target_digest, stored);
    assert_ne!(stored, Some(index.digest()));
    // The platform itself keeps its digest, and its attestation comes along.
    let copied = everything(to.address, "app", "v1").await.expect("the copy");
    for kept in [&index.images[2], &index.images[3]] {
        assert!(copied.iter().any(|(digest, _)| *digest == kept.digest()));
    }
    assert!(
        !copied
            .iter()
            .any(|(digest, _)| *digest == index.images[0].digest())
    );
    assert_eq!(copy(&jobs).await.images[0].outcome, Outcome::Present);
    jobs[0].platforms = Platforms::of(vec!["windows/amd64".parse().expect("a platform")]);
    let failure = copy(&jobs).await.images[0]
        .failure
        .clone()
        .expect("it fails");
    assert!(
        failure.cause.contains("none of windows/amd64"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_digest_decides_whatever_its_tag_says_now() {
    let Some((from, to)) = two("digest").await else {
        return;
    };
    let old = Image::new(11, "linux/amd64", &[1000]);
    old.push(&from.client(), "app", Some("v1")).await;
    Image::new(12, "linux/amd64", &[1000])
        .push(&from.client(), "app", Some("v1"))
        .await;
    let source = from.image(&format!("app:v1@{}", old.digest()));
    let report = copy(&[job(&source, &to.image("app:v1"))]).await;
    assert_eq!(report.totals.copied, 1, "{report:?}");
    let stored = to
        .client()
        .manifest_digest("app", "v1")
        .await
        .expect("an answer");
    assert_eq!(stored, Some(old.digest()));
}

#[tokio::test]
async fn a_dry_run_says_what_would_move_and_changes_nothing() {
    let Some((from, to)) = two("dry run").await else {
        return;
    };
    Index::new(6, &[10_000])
        .push(&from.client(), "app", "v1")
        .await;
    let jobs = [job(&from.image("app:v1"), &to.image("app:v1"))];
    let options = TransferOptions {
        dry_run: true,
        ..TransferOptions::default()
    };
    let dry = copy_with(&jobs, None, options).await;
    assert_eq!(dry.images[0].outcome, Outcome::WouldCopy);
    assert!(to.client().tags("app").await.expect("an answer").is_empty());
    let real = copy(&jobs).await;
    assert_eq!(dry.totals.content, real.totals.content);
}

#[tokio::test]
async fn a_failed_image_stops_no_other_and_is_told_with_host_cause_and_advice() {
    let Some((from, to)) = two("failure").await else {
        return;
    };
    Image::new(7, "linux/amd64", &[1000])
        .push(&from.client(), "app", Some("v1"))
        .await;
    let jobs = [
        job(&from.image("none:v1"), &to.image("none:v1")),
        job(&from.image("app:v1"), &to.image("app:v1")),
    ];
    let report = copy(&jobs).await;
    assert_eq!((report.totals.failed, report.totals.copied), (1, 1));
    let failure = report.images[0].failure.clone().expect("a failure");
    assert_eq!(failure.host, Some(from.address.to_string()));
    assert!(failure.cause.contains("none:v1"), "{failure:?}");
    assert!(failure.advice.is_some());
}

#[tokio::test]
async fn signatures_travel_with_their_image_by_referrer_and_by_tag() {
    let Some((from, to)) = two("signatures").await else {
        return;
    };
    let image = Image::new(21, "linux/amd64", &[1000]);
    let client = from.client();
    image.push(&client, "app", Some("v1")).await;
    let referrer = Image::about(&image.manifest, 22);
    referrer.push(&client, "app", None).await;
    // Debian's registry keeps no list of referrers, so its clients keep one under a tag.
    let index = serde_json::json!({
        "schemaVersion": 2, "mediaType": media_type::INDEX,
        "manifests": [{
            "mediaType": media_type::MANIFEST, "digest": referrer.digest(), "size": referrer.manifest.len(),
        }],
    });
    let tag = format!("sha256-{}", image.digest().hex());
    client
        .put_manifest("app", &tag, media_type::INDEX, index.to_string().into())
        .await
        .expect("the list is stored");
    Image::new(23, "unknown/unknown", &[100])
        .push(&client, "app", Some(&format!("{tag}.sig")))
        .await;
    let jobs = [job(&from.image("app:v1"), &to.image("copy:v1"))];
    copy(&jobs).await;
    let target = to.client();
    assert_eq!(target.tags("copy").await.expect("tags"), ["v1"]);
    let options = TransferOptions {
        signatures: true,
        ..TransferOptions::default()
    };
    let report = copy_with(&jobs, None, options).await;
    assert_eq!(report.totals.failed, 0, "{report:?}");
    let referrers = target
        .referrers("copy", &image.digest())
        .await
        .expect("an answer");
    let found: Vec<Digest> = referrers
        .manifests
        .into_iter()
        .map(|entry| entry.digest)
        .collect();
    assert_eq!(found, [referrer.digest()]);
    assert!(
        everything(to.address, "copy", &format!("{tag}.sig"))
            .await
            .is_some()
    );
    let again = copy_with(&jobs, None, options).await;
    assert_eq!(again.totals.content.moved.blobs, 0);
}
