//! Looking whether a copy is what it should be.

use std::sync::Arc;

use garden6::{
    mirror::{
        Digest,
        transfer::{Job, Stores},
        verify::{Verification, VerifyOptions, VerifyReport},
    },
    progress::Progress,
};

use super::{
    corpus::{Image, Index},
    registry::{Registry, copy, job, session},
};

async fn verify(jobs: &[Job], blobs: bool) -> VerifyReport {
    let stores = Arc::new(Stores::new(session(None)));
    Verification::new(stores, VerifyOptions { blobs })
        .run(jobs, &Progress::silent())
        .await
}

/// The file in which Debian's registry keeps a blob.
fn data_file(registry: &Registry, digest: &Digest) -> std::path::PathBuf {
    let hex = digest.hex();
    let below = format!(
        "data/docker/registry/v2/blobs/sha256/{}/{hex}/data",
        &hex[..2]
    );
    registry.folder.path().join(below)
}

#[tokio::test]
async fn a_copy_is_verified_to_its_last_blob_and_damage_is_found_by_hashing() {
    let Some(from) = Registry::start("verify").await else {
        return;
    };
    let Some(to) = Registry::start("verify").await else {
        return;
    };
    let index = Index::new(1, &[10_000]);
    index.push(&from.client(), "app", "v1").await;
    let jobs = [job(&from.image("app:v1"), &to.image("app:v1"))];
    assert_eq!(
        verify(&jobs, false).await.images[0].findings[0].problem,
        "it is not there"
    );
    copy(&jobs).await;
    let good = verify(&jobs, true).await;
    assert_eq!((good.wrong(), good.images[0].manifests), (0, 9), "{good:?}");
    assert!(good.images[0].bytes_hashed > 40_000);

    let layer = Digest::of(&index.images[0].blobs[2]);
    let file = data_file(&to, &layer);
    let mut bytes = std::fs::read(&file).expect("the layer");
    bytes[5000] ^= 1;
    std::fs::write(&file, bytes).expect("it is damaged");
    assert_eq!(
        verify(&jobs, false).await.wrong(),
        0,
        "only its presence was asked for"
    );
    let damaged = verify(&jobs, true).await;
    assert_eq!(damaged.images[0].findings.len(), 1, "{damaged:?}");
    assert_eq!(damaged.images[0].findings[0].what, layer.to_string());
    std::fs::remove_file(&file).expect("it is removed");
    let missing = verify(&jobs, false).await;
    assert_eq!(
        missing.images[0].findings[0].problem,
        "the blob is not there"
    );
}

#[tokio::test]
async fn a_tag_that_moved_at_the_source_is_found_and_a_pinned_digest_is_not_blamed() {
    let Some(from) = Registry::start("moved").await else {
        return;
    };
    let Some(to) = Registry::start("moved").await else {
        return;
    };
    let old = Image::new(1, "linux/amd64", &[1000]);
    old.push(&from.client(), "app", Some("v1")).await;
    let mut jobs = [job(&from.image("app:v1"), &to.image("app:v1"))];
    copy(&jobs).await;
    Image::new(2, "linux/amd64", &[1000])
        .push(&from.client(), "app", Some("v1"))
        .await;
    let moved = verify(&jobs, false).await;
    assert!(
        moved.images[0].findings[0].problem.contains("expected"),
        "{moved:?}"
    );
    jobs[0].pinned = Some(old.digest());
    let pinned = verify(&jobs, false).await;
    assert_eq!((pinned.wrong(), pinned.images[0].by), (0, "lock"));
}
