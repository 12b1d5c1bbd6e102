//! Unmodified `kubectl` works on the embedded control plane.
//!
//! The tests use the `kubectl` of the machine; where there is none they say so and pass.

use std::path::PathBuf;
use std::time::Duration;

use garden6::cluster::embedded::{ControlPlane, ControlPlaneOptions};
use garden6::process::{Command, Line};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A control plane and a `kubectl` with a home of its own.
struct Setup {
    program: PathBuf,
    home: TempDir,
    control_plane: ControlPlane,
}

/// What a call wrote, and whether it ended well.
#[derive(Debug)]
struct Called {
    out: String,
    err: String,
    ok: bool,
}

impl Setup {
    async fn start(test: &str) -> Option<Self> {
        let Ok(program) = which::which("kubectl") else {
            skip(test);
            return None;
        };
        let control_plane = ControlPlane::start(ControlPlaneOptions {
            crds: vec![definition()],
            service_cidrs: vec!["fd00:10:96::/112".parse().expect("a prefix")],
            ..ControlPlaneOptions::default()
        })
        .await
        .expect("the control plane starts");
        let home = tempfile::tempdir().expect("a folder");
        let kubeconfig = garden6::yaml::emit(&control_plane.kubeconfig());
        std::fs::write(home.path().join("config"), kubeconfig).expect("the kubeconfig is written");
        Some(Self {
            program,
            home,
            control_plane,
        })
    }

    fn command(&self, args: &[&str]) -> Command {
        Command::new(&self.program)
            .args(args.iter().copied())
            .env("HOME", self.home.path())
            .env("KUBECONFIG", self.home.path().join("config"))
            .env("KUBECACHEDIR", self.home.path().join("cache"))
            .timeout(Duration::from_secs(60))
    }

    async fn call(&self, args: &[&str], stdin: &str) -> Called {
        let mut called = Called {
            out: String::new(),
            err: String::new(),
            ok: false,
        };
        let ended = self
            .command(args)
            .stdin(stdin)
            .run_streaming(|line| {
                let (text, line) = match line {
                    Line::Stdout(line) => (&mut called.out, line),
                    Line::Stderr(line) => (&mut called.err, line),
                };
                text.push_str(line);
                text.push('\n');
            })
            .await;
        called.ok = ended.is_ok();
        called
    }

    /// Calls `kubectl`, which has to end well, and returns its standard output.
    async fn run(&self, args: &[&str]) -> String {
        self.run_with(args, "").await
    }

    async fn run_with(&self, args: &[&str], stdin: &str) -> String {
        let called = self.call(args, stdin).await;
        assert!(called.ok, "kubectl {args:?}: {}{}", called.out, called.err);
        called.out
    }
}

#[expect(clippy::print_stdout, reason = "a skipped test says why")]
fn skip(test: &str) {
    println!("kubectl: 1 skipped ({test}: this machine has no kubectl)");
}

fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.kubectl.test"},
        "spec": {
            "group": "kubectl.test",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
                "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "required": ["spec"],
                    "properties": {
                        "spec": {
                            "type": "object",
                            "description": "What the widget should be.",
                            "properties": {
                                "size": {"type": "integer", "default": 1, "description": "How large it is."},
                                "color": {"type": "string", "maxLength": 10},
                            },
                        },
                        "status": {
                            "type": "object",
                            "properties": {"size": {"type": "integer"}, "phase": {"type": "string"}},
                        },
                    },
                }},
            }],
        },
    })
}

fn widget(name: &str, spec: &Value) -> String {
    json!({
        "apiVersion": "kubectl.test/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec,
    })
    .to_string()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

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

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_creates_with_its_generators() {
    let Some(kubectl) = Setup::start("generators").await else {
        return;
    };
    for (args, answer) in [
        (&["create", "namespace", "dev"][..], "namespace/dev created"),
        (
            &[
                "-n",
                "dev",
                "create",
                "configmap",
                "c",
                "--from-literal=k=v",
            ],
            "configmap/c created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "secret",
                "generic",
                "s",
                "--from-literal=p=q",
            ],
            "secret/s created",
        ),
        (
            &["-n", "dev", "create", "serviceaccount", "bot"],
            "serviceaccount/bot created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "role",
                "r",
                "--verb=get,list",
                "--resource=configmaps",
            ],
            "role.rbac.authorization.k8s.io/r created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "rolebinding",
                "b",
                "--role=r",
                "--serviceaccount=dev:bot",
            ],
            "rolebinding.rbac.authorization.k8s.io/b created",
        ),
        (
            &[
                "create",
                "clusterrole",
                "cr",
                "--verb=get",
                "--resource=nodes",
            ],
            "clusterrole.rbac.authorization.k8s.io/cr created",
        ),
        (
            &[
                "create",
                "clusterrolebinding",
                "crb",
                "--clusterrole=cr",
                "--group=ops",
            ],
            "clusterrolebinding.rbac.authorization.k8s.io/crb created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "deployment",
                "web",
                "--image=example.test/web:1",
                "--replicas=2",
            ],
            "deployment.apps/web created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "service",
                "clusterip",
                "web",
                "--tcp=80:8080",
            ],
            "service/web created",
        ),
    ] {
        assert_eq!(kubectl.run(args).await.trim(), answer);
    }
    let token = kubectl.run(&["-n", "dev", "create", "token", "bot"]).await;
    assert_eq!(token.trim().split('.').count(), 3, "{token}");

    let secret = kubectl
        .run(&[
            "-n",
            "dev",
            "get",
            "secret",
            "s",
            "-o",
            "jsonpath={.data.p}",
        ])
        .await;
    assert_eq!(secret.trim(), "cQ==");
    let deployment = kubectl
        .run(&["-n", "dev", "get", "deployment", "web"])
        .await;
    assert_eq!(
        words(deployment.lines().nth(1).expect("a row"))[..2],
        ["web", "0/2"]
    );
    let service = kubectl.run(&["-n", "dev", "get", "service", "web"]).await;
    let row = words(service.lines().nth(1).expect("a row"));
    assert!(row[2].starts_with("fd00:10:96:"), "{service}");
    assert_eq!(row[4], "80/TCP", "{service}");
    let binding = kubectl
        .run(&["-n", "dev", "get", "rolebinding", "b", "-o", "wide"])
        .await;
    assert!(
        binding.contains("Role/r") && binding.contains("dev/bot"),
        "{binding}"
    );
    let described = kubectl.run(&["describe", "namespace", "dev"]).await;
    assert!(described.contains("Active"), "{described}");

    let asked = [
        "-n",
        "dev",
        "auth",
        "can-i",
        "list",
        "configmaps",
        "--as=system:serviceaccount:dev:bot",
    ];
    assert_eq!(kubectl.run(&asked).await.trim(), "yes");
    let asked = [
        "-n",
        "dev",
        "auth",
        "can-i",
        "list",
        "secrets",
        "--as=system:serviceaccount:dev:bot",
    ];
    assert_eq!(kubectl.call(&asked, "").await.out.trim(), "no");
    kubectl.control_plane.shutdown().await;
}

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
