//! What `kubectl` learns about the server.

use super::setup::{Setup, words};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_reads_what_the_server_knows_about_itself() {
    let Some(kubectl) = Setup::start("discovery").await else {
        return;
    };
    let version = kubectl.run(&["version"]).await;
    assert!(version.contains("+garden6.embedded"), "{version}");

    let resources = kubectl
        .run(&["api-resources", "--api-group=kubectl.test", "-o", "wide"])
        .await;
    let line = resources.lines().nth(1).expect("one resource");
    assert_eq!(
        words(line)[..5],
        ["widgets", "wd", "kubectl.test/v1", "true", "Widget"]
    );
    let versions = kubectl.run(&["api-versions"]).await;
    for expected in ["v1", "apps/v1", "kubectl.test/v1", "coordination.k8s.io/v1"] {
        assert!(
            versions.lines().any(|line| line == expected),
            "{expected} is not in {versions}"
        );
    }

    let explained = kubectl.run(&["explain", "widget.spec"]).await;
    assert!(
        explained.contains("What the widget should be."),
        "{explained}"
    );
    assert!(explained.contains("How large it is."), "{explained}");
    let explained = kubectl.run(&["explain", "configmap.data"]).await;
    assert!(explained.contains("map[string]string"), "{explained}");

    let allowed = kubectl.run(&["auth", "can-i", "create", "widgets"]).await;
    assert_eq!(allowed.trim(), "yes");
    assert_eq!(kubectl.run(&["get", "--raw", "/readyz"]).await.trim(), "ok");
    kubectl.control_plane.shutdown().await;
}
