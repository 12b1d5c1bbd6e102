//! Registries that want to know who is there.

use garden6::mirror::transfer::{Outcome, TransferOptions};
use serde_json::json;

use super::{
    corpus::{Image, Index, everything},
    registry::{HTPASSWD, Registry, copy, copy_with, job},
    token_server::{ISSUER, SERVICE, TokenServer},
};

/// A registry that wants user and password.
async fn with_passwords(test: &str) -> Option<Registry> {
    Registry::start_with(test, |folder| {
        let file = folder.join("htpasswd");
        std::fs::write(&file, HTPASSWD).expect("the passwords are written");
        format!(
            "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
            file.display()
        )
    })
    .await
}

/// A registry that wants a token.
async fn with_tokens(test: &str, tokens: &TokenServer) -> Option<Registry> {
    Registry::start_with(test, |folder| {
        let file = folder.join("issuer.pem");
        std::fs::write(&file, &tokens.certificate).expect("the certificate is written");
        format!(
            "auth:\n  token:\n    realm: http://{}/token\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {}\n",
            tokens.address,
            file.display(),
        )
    })
    .await
}

fn login(registries: &[&Registry]) -> String {
    let entry = json!({"auth": "cm9ib3Q6Z2VoZWlt"});
    let auths: serde_json::Map<_, _> = registries
        .iter()
        .map(|registry| (registry.address.to_string(), entry.clone()))
        .collect();
    json!({"auths": auths}).to_string()
}

#[tokio::test]
async fn an_image_goes_from_basic_to_token_authentication_byte_for_byte() {
    let tokens = TokenServer::start().await;
    let Some(open) = Registry::start("authentication").await else {
        return;
    };
    let Some(basic) = with_passwords("authentication").await else {
        return;
    };
    let Some(token) = with_tokens("authentication", &tokens).await else {
        return;
    };
    Index::new(1, &[0, 100, 700_000])
        .push(&open.client(), "app", "v1")
        .await;
    let credentials = login(&[&basic, &token]);
    for jobs in [
        [job(&open.image("app:v1"), &basic.image("team/app:v1"))],
        [job(&basic.image("team/app:v1"), &token.image("3rd/app:v1"))],
        [job(&token.image("3rd/app:v1"), &open.image("back/app:v1"))],
    ] {
        let report = copy_with(&jobs, Some(&credentials), TransferOptions::default()).await;
        assert_eq!(report.totals.copied, 1, "{report:?}");
    }
    assert_eq!(
        everything(open.address, "app", "v1").await,
        everything(open.address, "back/app", "v1").await
    );
    // One token to write and one to read per repository, not one per blob.
    assert!(tokens.given() <= 4, "{} tokens", tokens.given());
}

#[tokio::test]
async fn a_mount_asks_for_the_right_to_read_there_as_well() {
    let tokens = TokenServer::start().await;
    let Some(open) = Registry::start("token mount").await else {
        return;
    };
    let Some(token) = with_tokens("token mount", &tokens).await else {
        return;
    };
    let image = Image::new(4, "linux/amd64", &[800_000]);
    image.push(&open.client(), "one", Some("v1")).await;
    image.push(&open.client(), "two", Some("v1")).await;
    let jobs = ["one:v1", "two:v1"].map(|name| job(&open.image(name), &token.image(name)));
    let credentials = login(&[&token]);
    let report = copy_with(&jobs, Some(&credentials), TransferOptions::default()).await;
    let content = report.totals.content;
    assert_eq!(
        (content.moved.blobs, content.mounted.blobs),
        (2, 2),
        "{report:?}"
    );
}

#[tokio::test]
async fn nobody_may_read_where_everybody_may_and_write_nowhere() {
    let tokens = TokenServer::start().await;
    let Some(open) = Registry::start("anonymous").await else {
        return;
    };
    let Some(token) = with_tokens("anonymous", &tokens).await else {
        return;
    };
    Image::new(4, "linux/amd64", &[1000])
        .push(&open.client(), "app", Some("v1"))
        .await;
    let there = [job(&open.image("app:v1"), &token.image("app:v1"))];
    let refused = copy(&there).await;
    let failure = refused.images[0].failure.clone().expect("it is refused");
    assert_eq!(failure.host, Some(token.address.to_string()));
    assert!(
        failure.advice.expect("advice").contains("docker login"),
        "no advice"
    );
    let credentials = login(&[&token]);
    copy_with(&there, Some(&credentials), TransferOptions::default()).await;
    let back = copy(&[job(&token.image("app:v1"), &open.image("back:v1"))]).await;
    assert_eq!(back.images[0].outcome, Outcome::Copied, "{back:?}");
}

#[tokio::test]
async fn wrong_and_missing_passwords_are_told_apart() {
    let Some(basic) = with_passwords("passwords").await else {
        return;
    };
    let wrong =
        json!({"auths": {basic.address.to_string(): {"username": "robot", "password": "falsch"}}});
    let jobs = [job(&basic.image("app:v1"), &basic.image("other:v1"))];
    let cause = async |credentials: Option<&str>| {
        let report = copy_with(&jobs, credentials, TransferOptions::default()).await;
        report.images[0]
            .failure
            .clone()
            .expect("it is refused")
            .cause
    };
    let missing = cause(None).await;
    assert!(missing.contains("none are stored"), "{missing}");
    let wrong = cause(Some(&wrong.to_string())).await;
    assert!(wrong.contains("does not take the stored"), "{wrong}");
}
