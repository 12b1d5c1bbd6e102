//! `kubectl apply` and `kubectl diff`.

use serde_json::{Value, json};

use super::setup::{Setup, widget};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_applies_changes_and_shows_differences() {
    let Some(kubectl) = Setup::start("apply").await else {
        return;
    };
    let apply = ["apply", "-f", "-"];
    let first = widget("a", &json!({"size": 2, "color": "red"}));
    assert_eq!(
        kubectl.run_with(&apply, &first).await.trim(),
        "widget.kubectl.test/a created"
    );
    assert_eq!(
        kubectl.run_with(&apply, &first).await.trim(),
        "widget.kubectl.test/a unchanged"
    );

    let second = widget("a", &json!({"size": 3}));
    let diff = kubectl.call(&["diff", "-f", "-"], &second).await;
    assert!(!diff.ok && diff.out.contains("+  size: 3"), "{diff:?}");
    assert_eq!(
        kubectl.run_with(&apply, &second).await.trim(),
        "widget.kubectl.test/a configured"
    );
    let shown = kubectl.run(&["get", "widget", "a", "-o", "json"]).await;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["spec"], json!({"size": 3}));

    let wrong = widget("b", &json!({"colour": "red"}));
    let refused = kubectl.call(&apply, &wrong).await;
    assert!(
        !refused.ok && refused.err.contains("unknown field \"spec.colour\""),
        "{refused:?}"
    );

    let server_side = ["apply", "--server-side", "-f", "-"];
    let third = widget("c", &json!({"size": 4}));
    let answer = kubectl.run_with(&server_side, &third).await;
    assert_eq!(answer.trim(), "widget.kubectl.test/c serverside-applied");
    let migrated = kubectl
        .run_with(
            &["apply", "--server-side", "--force-conflicts", "-f", "-"],
            &second,
        )
        .await;
    assert_eq!(migrated.trim(), "widget.kubectl.test/a serverside-applied");
    let other = widget("c", &json!({"size": 5}));
    let conflict = kubectl
        .call(
            &["apply", "--server-side", "--field-manager=other", "-f", "-"],
            &other,
        )
        .await;
    assert!(
        !conflict.ok && conflict.err.contains(".spec.size"),
        "{conflict:?}"
    );

    let built_in = |value: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"k": value},
        })
        .to_string()
    };
    assert_eq!(
        kubectl.run_with(&apply, &built_in("1")).await.trim(),
        "configmap/m created"
    );
    assert_eq!(
        kubectl.run_with(&apply, &built_in("1")).await.trim(),
        "configmap/m unchanged"
    );
    assert_eq!(
        kubectl.run_with(&apply, &built_in("2")).await.trim(),
        "configmap/m configured"
    );
    let data = kubectl
        .run(&["get", "configmap", "m", "-o", "jsonpath={.data.k}"])
        .await;
    assert_eq!(data.trim(), "2");
    kubectl.control_plane.shutdown().await;
}
