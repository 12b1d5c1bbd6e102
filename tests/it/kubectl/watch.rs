//! `kubectl get -w`.

use std::time::Duration;

use garden6::process::Line;
use serde_json::json;

use super::setup::{Setup, widget, words};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_follows_changes() {
    let Some(kubectl) = Setup::start("watch").await else {
        return;
    };
    kubectl
        .run_with(&["create", "-f", "-"], &widget("a", &json!({"size": 2})))
        .await;
    let watch = kubectl
        .command(&["get", "widgets", "-w", "--output-watch-events"])
        .timeout(Duration::from_secs(20));
    let mut lines = Vec::new();
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let watching = tokio::spawn(async move {
        // The watch has no end of its own; it is cut when enough was seen.
        let _cut = watch
            .run_streaming(move |line| {
                if let Line::Stdout(line) = line {
                    let _nobody_listens = sender.send(line.clone());
                }
            })
            .await;
    });
    while let Some(line) = receiver.recv().await {
        let first = lines.is_empty();
        lines.push(line);
        // The heading comes with the first object: from here on the watch is open.
        if first {
            kubectl.run(&["scale", "widget", "a", "--replicas=3"]).await;
            kubectl.run(&["delete", "widget", "a"]).await;
        }
        if lines.iter().any(|line| line.starts_with("DELETED")) {
            break;
        }
    }
    watching.abort();
    let seen: Vec<Vec<&str>> = lines.iter().map(|line| words(line)[..3].to_vec()).collect();
    assert_eq!(
        seen,
        [
            ["EVENT", "NAME", "SIZE"],
            ["ADDED", "a", "2"],
            ["MODIFIED", "a", "3"],
            ["DELETED", "a", "3"],
        ]
    );
    kubectl.control_plane.shutdown().await;
}
