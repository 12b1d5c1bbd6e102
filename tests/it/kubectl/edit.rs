//! Reading, changing and deleting objects.

use serde_json::json;

use super::setup::{Setup, widget, words};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_edits_and_deletes_objects() {
    let Some(kubectl) = Setup::start("edit").await else {
        return;
    };
    kubectl
        .run_with(
            &["create", "-f", "-"],
            &widget("a", &json!({"size": 2, "color": "red"})),
        )
        .await;
    kubectl
        .run_with(&["create", "-f", "-"], &widget("b", &json!({})))
        .await;

    let table = kubectl.run(&["get", "wd"]).await;
    let rows: Vec<Vec<&str>> = table.lines().map(words).collect();
    assert_eq!(rows[0], ["NAME", "SIZE", "AGE"]);
    assert_eq!(
        (rows[1][..2].to_vec(), rows[2][..2].to_vec()),
        (vec!["a", "2"], vec!["b", "1"])
    );
    let wide = kubectl
        .run(&["get", "widgets.kubectl.test", "a", "-o", "wide"])
        .await;
    assert_eq!(
        words(wide.lines().nth(1).expect("a row"))[..3],
        ["a", "2", "red"]
    );

    assert_eq!(
        kubectl
            .run(&["label", "widget", "a", "tier=dev"])
            .await
            .trim(),
        "widget.kubectl.test/a labeled"
    );
    assert_eq!(
        kubectl
            .run(&["annotate", "widget", "a", "note=x"])
            .await
            .trim(),
        "widget.kubectl.test/a annotated"
    );
    let names = kubectl
        .run(&["get", "widgets", "-l", "tier=dev", "-o", "name"])
        .await;
    assert_eq!(names.trim(), "widget.kubectl.test/a");
    let names = kubectl
        .run(&[
            "get",
            "widgets",
            "--field-selector",
            "metadata.name=b",
            "-o",
            "name",
        ])
        .await;
    assert_eq!(names.trim(), "widget.kubectl.test/b");

    let patch = [
        "patch",
        "widget",
        "a",
        "--type=merge",
        "-p",
        r#"{"spec":{"color":"blue"}}"#,
    ];
    assert_eq!(
        kubectl.run(&patch).await.trim(),
        "widget.kubectl.test/a patched"
    );
    let patch = [
        "patch",
        "widget",
        "a",
        "--type=json",
        "-p",
        r#"[{"op":"remove","path":"/spec/color"}]"#,
    ];
    assert_eq!(
        kubectl.run(&patch).await.trim(),
        "widget.kubectl.test/a patched"
    );
    let status = [
        "patch",
        "widget",
        "a",
        "--subresource=status",
        "--type=merge",
        "-p",
        r#"{"status":{"phase":"Ready"}}"#,
    ];
    kubectl.run(&status).await;
    assert_eq!(
        kubectl
            .run(&["scale", "widget", "a", "--replicas=7"])
            .await
            .trim(),
        "widget.kubectl.test/a scaled"
    );
    let waited = kubectl
        .run(&[
            "wait",
            "widget/a",
            "--for=jsonpath={.status.phase}=Ready",
            "--timeout=20s",
        ])
        .await;
    assert_eq!(waited.trim(), "widget.kubectl.test/a condition met");
    let established = kubectl
        .run(&[
            "wait",
            "crd/widgets.kubectl.test",
            "--for=condition=Established",
            "--timeout=20s",
        ])
        .await;
    assert!(established.contains("condition met"), "{established}");

    let described = kubectl.run(&["describe", "widget", "a"]).await;
    for expected in [
        "Name:         a",
        "tier=dev",
        "Size:  7",
        "Phase:  Ready",
        "Events:",
    ] {
        assert!(
            described.contains(expected),
            "{expected} is not in {described}"
        );
    }

    let deleted = kubectl.run(&["delete", "widget", "a"]).await;
    assert!(
        deleted.starts_with("widget.kubectl.test \"a\" deleted"),
        "{deleted}"
    );
    let gone = kubectl.call(&["get", "widget", "a"], "").await;
    assert!(
        !gone.ok
            && gone
                .err
                .contains("(NotFound): widgets.kubectl.test \"a\" not found"),
        "{gone:?}"
    );
    let deleted = kubectl.run(&["delete", "widgets", "--all"]).await;
    assert!(
        deleted.starts_with("widget.kubectl.test \"b\" deleted"),
        "{deleted}"
    );
    kubectl.run(&["create", "namespace", "gone"]).await;
    let deleted = kubectl
        .run(&["delete", "namespace", "gone", "--timeout=30s"])
        .await;
    assert!(deleted.contains("\"gone\" deleted"), "{deleted}");
    kubectl.control_plane.shutdown().await;
}
