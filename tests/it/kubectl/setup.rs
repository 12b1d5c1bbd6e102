//! A control plane and a `kubectl` with a home of its own.

use std::path::PathBuf;
use std::time::Duration;

use garden6::cluster::embedded::{ControlPlane, ControlPlaneOptions};
use garden6::process::{Command, Line};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A control plane and a `kubectl` with a home of its own.
pub(super) struct Setup {
    program: PathBuf,
    home: TempDir,
    pub(super) control_plane: ControlPlane,
}

/// What a call wrote, and whether it ended well.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) ok: bool,
}

impl Setup {
    pub(super) async fn start(test: &str) -> Option<Self> {
        let options = ControlPlaneOptions {
            crds: vec![definition()],
            service_cidrs: vec!["fd00:10:96::/112".parse().expect("a prefix")],
            ..ControlPlaneOptions::default()
        };
        Self::start_with(test, options).await
    }

    pub(super) async fn start_with(test: &str, options: ControlPlaneOptions) -> Option<Self> {
        let Ok(program) = which::which("kubectl") else {
            skip(test);
            return None;
        };
        let control_plane = ControlPlane::start(options)
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

    pub(super) fn command(&self, args: &[&str]) -> Command {
        Command::new(&self.program)
            .args(args.iter().copied())
            .env("HOME", self.home.path())
            .env("KUBECONFIG", self.home.path().join("config"))
            .env("KUBECACHEDIR", self.home.path().join("cache"))
            .timeout(Duration::from_secs(60))
    }

    pub(super) async fn call(&self, args: &[&str], stdin: &str) -> Called {
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
    pub(super) async fn run(&self, args: &[&str]) -> String {
        self.run_with(args, "").await
    }

    pub(super) async fn run_with(&self, args: &[&str], stdin: &str) -> String {
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

pub(super) fn widget(name: &str, spec: &Value) -> String {
    json!({
        "apiVersion": "kubectl.test/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec,
    })
    .to_string()
}

pub(super) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
