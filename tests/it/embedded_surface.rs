//! What the embedded control plane lets in, and how it answers what it does not.

use std::net::SocketAddr;
use std::time::Duration;

use garden6::cluster::embedded::{ControlPlane, ControlPlaneOptions, StartError, TokenUser};
use reqwest::{Client, StatusCode};

use crate::https;

async fn start() -> ControlPlane {
    ControlPlane::start(ControlPlaneOptions::default())
        .await
        .expect("the control plane starts")
}

async fn code(client: &Client, url: &str) -> StatusCode {
    client.get(url).send().await.expect("an answer").status()
}

#[tokio::test]
async fn nobody_gets_further_than_health_and_version() {
    let control_plane = start().await;
    let (server, client) = (
        https::server(&control_plane.kubeconfig()),
        https::anonymous(&control_plane.kubeconfig()),
    );
    for open in [
        "/healthz",
        "/livez",
        "/readyz",
        "/readyz?verbose",
        "/version",
    ] {
        assert_eq!(
            code(&client, &format!("{server}{open}")).await,
            200,
            "{open}"
        );
    }
    for closed in [
        "/",
        "/api",
        "/apis",
        "/metrics",
        "/openapi/v3",
        "/api/v1/secrets",
        "/nothing",
    ] {
        assert_eq!(
            code(&client, &format!("{server}{closed}")).await,
            401,
            "{closed}"
        );
    }
    let answer = client
        .get(format!("{server}/api"))
        .bearer_auth("guess")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 401);
    let status: serde_json::Value =
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert_eq!(
        (status["kind"].as_str(), status["reason"].as_str()),
        (Some("Status"), Some("Unauthorized"))
    );
    control_plane.shutdown().await;
}

#[tokio::test]
async fn a_certificate_of_another_control_plane_opens_nothing() {
    let (one, other) = (start().await, start().await);
    let client = https::with_identity_of(&one.kubeconfig(), &other.kubeconfig());
    let server = https::server(&one.kubeconfig());
    assert!(client.get(format!("{server}/api")).send().await.is_err());
    let client = https::administrator(&one.kubeconfig());
    assert_eq!(code(&client, &format!("{server}/api")).await, 200);
    one.shutdown().await;
    other.shutdown().await;
}

#[tokio::test]
async fn a_browser_page_is_refused() {
    let control_plane = start().await;
    let (server, client) = (
        https::server(&control_plane.kubeconfig()),
        https::administrator(&control_plane.kubeconfig()),
    );
    for (name, value) in [
        ("origin", "https://example.org"),
        ("origin", "null"),
        ("host", "example.org"),
    ] {
        let answer = client
            .get(format!("{server}/version"))
            .header(name, value)
            .send()
            .await;
        assert_eq!(answer.expect("an answer").status(), 403, "{name}: {value}");
    }
    control_plane.shutdown().await;
}

#[tokio::test]
async fn too_large_a_body_is_refused() {
    let control_plane = start().await;
    let (server, client) = (
        https::server(&control_plane.kubeconfig()),
        https::administrator(&control_plane.kubeconfig()),
    );
    let answer = client
        .post(format!("{server}/api/v1/namespaces/default/configmaps"))
        .header("content-type", "application/json")
        .body(vec![b' '; 4 * 1024 * 1024])
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 413);
    control_plane.shutdown().await;
}

#[tokio::test]
async fn readiness_is_lost_and_the_port_is_free_after_a_shutdown() {
    let control_plane = start().await;
    let address = control_plane.address();
    let client = https::anonymous(&control_plane.kubeconfig());
    let server = https::server(&control_plane.kubeconfig());
    assert_eq!(code(&client, &format!("{server}/readyz")).await, 200);
    // The idle connection of the client must not hold up the shutdown.
    tokio::time::timeout(Duration::from_secs(1), control_plane.shutdown())
        .await
        .expect("the shutdown is quick");
    assert!(client.get(format!("{server}/readyz")).send().await.is_err());
    let again = ControlPlane::start(ControlPlaneOptions {
        listen: address,
        ..ControlPlaneOptions::default()
    });
    again
        .await
        .expect("the address can be used again")
        .shutdown()
        .await;
}

#[tokio::test]
async fn a_kubeconfig_outlives_a_restart_when_the_state_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = |listen: SocketAddr| ControlPlaneOptions {
        listen,
        state_dir: Some(folder.path().join("state")),
        ..ControlPlaneOptions::default()
    };
    // No port of those that are given to whoever asks for any: another test could get it between the two starts.
    let mut ports = (20_000..30_000).skip(std::process::id() as usize % 9_000);
    let first = loop {
        let port = ports.next().expect("one of a thousand ports is free");
        let address = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port));
        if let Ok(first) = ControlPlane::start(options(address)).await {
            break first;
        }
    };
    let (address, kubeconfig) = (first.address(), first.kubeconfig());
    first.shutdown().await;
    let second = ControlPlane::start(options(address))
        .await
        .expect("the second start");
    let client = https::administrator(&kubeconfig);
    assert_eq!(
        code(&client, &format!("{}/api", https::server(&kubeconfig))).await,
        200
    );
    second.shutdown().await;
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    for wide in ["[::]:0", "[2001:db8::1]:0", "192.0.2.1:0"] {
        let options = ControlPlaneOptions {
            listen: wide.parse().expect("an address"),
            ..ControlPlaneOptions::default()
        };
        let refused = ControlPlane::start(options).await;
        assert!(
            matches!(refused, Err(StartError::NotLoopback { .. })),
            "{wide}"
        );
    }
}

#[tokio::test]
async fn control_planes_live_side_by_side() {
    let token = |name: &str| TokenUser {
        token: format!("token of {name}"),
        name: name.to_owned(),
        groups: vec!["system:masters".to_owned()],
    };
    let start = |name: &str| {
        ControlPlane::start(ControlPlaneOptions {
            tokens: vec![token(name)],
            ..ControlPlaneOptions::default()
        })
    };
    let one = start("one").await.expect("the first");
    let other = start("other").await.expect("the second");
    let client = https::anonymous(&one.kubeconfig());
    let server = https::server(&one.kubeconfig());
    for (name, expected) in [("one", 200), ("other", 401)] {
        let request = client
            .get(format!("{server}/api"))
            .bearer_auth(format!("token of {name}"));
        assert_eq!(
            request.send().await.expect("an answer").status(),
            expected,
            "{name}"
        );
    }
    one.shutdown().await;
    other.shutdown().await;
}
