//! Copies through a folder, for machines that reach no registry.

use garden6::mirror::transfer::Outcome;

use super::{
    corpus::{Image, Index, everything},
    registry::{Registry, copy, job},
};

#[tokio::test]
async fn an_image_survives_the_way_through_a_folder_byte_for_byte() {
    let Some(from) = Registry::start("layout").await else {
        return;
    };
    let Some(to) = Registry::start("layout").await else {
        return;
    };
    Index::new(1, &[0, 100, 700_000])
        .push(&from.client(), "app", "v1")
        .await;
    Image::new(2, "linux/amd64", &[50_000])
        .push(&from.client(), "other", Some("v2"))
        .await;
    let folder = tempfile::tempdir().expect("a folder");
    let layout = |name: &str| format!("oci:{}:{name}", folder.path().join("images").display());
    let out = [
        job(&from.image("app:v1"), &layout("reg.io/app:v1")),
        job(&from.image("other:v2"), &layout("[::1]:5000/other:v2")),
    ];
    let report = copy(&out).await;
    assert_eq!(report.totals.copied, 2, "{report:?}");
    let again = copy(&out).await;
    assert_eq!(
        (again.totals.present, again.totals.content.moved.blobs),
        (2, 0),
        "{again:?}"
    );
    let back = [
        job(&layout("reg.io/app:v1"), &to.image("app:v1")),
        job(&layout("[::1]:5000/other:v2"), &to.image("other:v2")),
    ];
    let report = copy(&back).await;
    assert_eq!(report.totals.copied, 2, "{report:?}");
    for (name, tag) in [("app", "v1"), ("other", "v2")] {
        assert_eq!(
            everything(from.address, name, tag).await,
            everything(to.address, name, tag).await
        );
    }
}

#[tokio::test]
async fn damage_in_a_folder_reaches_no_registry() {
    let Some(from) = Registry::start("layout damage").await else {
        return;
    };
    let Some(to) = Registry::start("layout damage").await else {
        return;
    };
    let image = Image::new(2, "linux/amd64", &[700_000]);
    image.push(&from.client(), "app", Some("v1")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let layout = format!("oci:{}:app", folder.path().display());
    copy(&[job(&from.image("app:v1"), &layout)]).await;
    let layer = garden6::mirror::Digest::of(&image.blobs[1]);
    let path = folder.path().join("blobs/sha256").join(layer.hex());
    let mut bytes = std::fs::read(&path).expect("the layer");
    bytes[350_000] ^= 1;
    std::fs::write(&path, bytes).expect("it is damaged");
    let report = copy(&[job(&layout, &to.image("app:v1"))]).await;
    assert_eq!(report.images[0].outcome, Outcome::Failed);
    assert!(to.client().tags("app").await.expect("an answer").is_empty());
    assert!(
        !to.client()
            .has_blob("app", &layer)
            .await
            .expect("an answer")
    );
}
