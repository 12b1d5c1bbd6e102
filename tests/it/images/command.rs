//! What the command prints, writes and exits with.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

/// Runs `garden6 images` in a folder.
#[expect(
    clippy::disallowed_methods,
    reason = "standard output and standard error are looked at apart, whatever the exit code"
)]
fn images(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_garden6"))
        .current_dir(folder)
        .args(["--state-dir", "state", "images"])
        .args(args)
        .env_remove("IMAGEVECTOR_OVERWRITE")
        .env_remove("IMAGEVECTOR_OVERWRITE_COMPONENTS")
        .output()
        .expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", stdout(output), stderr(output)))
}

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("the file is written");
    }
    folder
}

const VECTOR: &str = "\
images:
- name: ca   # by version
  repository: ghcr.io/x/ca
  tag: v1.34.3
  targetVersion: 1.34.x
- name: ca
  repository: ghcr.io/x/ca
  tag: v1.35.1
  targetVersion: '>= 1.35'
- name: apiserver
  repository: registry.k8s.io/kube-apiserver
";

const LIST: &str = "\
images:
- source: fluent/fluent-bit
  destination: mirror.example/3rd/fluent/fluent-bit
  tags: [1.9.7]
- source: ghcr.io/fluent/fluent-bit
  destination: mirror.example/3rd/fluent/fluent-bit
  tags: [1.9.7, 2.0.0]
- source: alpine
  destination: mirror.example/3rd/alpine
  tags: [3.24.0, 3.24.1]
";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    image: ghcr.io/x/ca:v1   # pinned
";

#[test]
fn references_are_explained_and_wrong_ones_fail() {
    let folder = folder(&[]);
    let output = images(folder.path(), &["parse", "[0:0::1]:5000/a", "-o", "json"]);
    let value = json(&output);
    assert_eq!(value["canonicalRegistry"], "[::1]:5000");
    assert_eq!(value["tag"], "latest");
    let output = images(folder.path(), &["parse", "alpine", "fd00::5:5000/a"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("docker.io/library/alpine:latest\n"));
    assert!(
        stderr(&output).contains("needs brackets"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn images_are_looked_up_with_overwrites_from_the_variable() {
    let overwrite = "images: [{name: ca, repository: mirror.example/ca, targetVersion: '>= 1.35'}]";
    let folder = folder(&[("images.yaml", VECTOR), ("overwrite.yaml", overwrite)]);
    let lookup = [
        "resolve",
        "--vector",
        "images.yaml",
        "--name",
        "ca",
        "--target-version",
        "1.36.1",
    ];
    let output = images(folder.path(), &lookup);
    assert_eq!(stdout(&output), "ghcr.io/x/ca:v1.35.1\n");
    let output = images(
        folder.path(),
        &[&lookup[..], &["--overwrite", "overwrite.yaml"]].concat(),
    );
    assert_eq!(stdout(&output), "mirror.example/ca:v1.35.1\n");
    let output = images(
        folder.path(),
        &["resolve", "--vector", "images.yaml", "--name", "cb"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("did you mean `ca`"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_overwrite_that_overwrites_nothing_is_told() {
    let overwrite = "images: [{name: ca, repository: mirror.example/ca}]";
    let folder = folder(&[("images.yaml", VECTOR), ("overwrite.yaml", overwrite)]);
    let args = [
        "resolve",
        "--vector",
        "images.yaml",
        "--overwrite",
        "overwrite.yaml",
        "--name",
        "ca",
    ];
    let output = images(folder.path(), &args);
    assert!(
        stderr(&output).contains("overwrite.yaml:1:10: this entry overwrites no `ca`"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn sources_that_share_a_target_fail_and_the_rest_is_planned() {
    let folder = folder(&[("list.yaml", LIST)]);
    let args = [
        "plan",
        "-f",
        "list.yaml",
        "--target",
        "[::1]:5001/3rd",
        "-o",
        "json",
    ];
    let output = images(folder.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    let value = json(&output);
    assert_eq!(
        (&value["repositories"], &value["tags"]),
        (&1.into(), &2.into())
    );
    assert_eq!(
        value["collisions"][0]["target"],
        "[::1]:5001/3rd/fluent/fluent-bit"
    );
    assert_eq!(
        value["collisions"][0]["sharedTags"],
        serde_json::json!(["1.9.7"])
    );
    let output = images(folder.path(), &[&args[..], &["--naming", "full"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["tags"], 5);
}

#[test]
fn quiet_keeps_what_is_wrong_and_leaves_out_the_sums() {
    let folder = folder(&[("list.yaml", LIST), ("pod.yaml", POD)]);
    let plan = |file: &str, more: &[&str]| {
        let args = ["plan", "-f", file, "--target", "[::1]:5001/3rd"];
        images(folder.path(), &[&args, more].concat())
    };
    let sums = "1 repository, 1 tag (ghcr.io 1/1)\n";
    assert_eq!(stderr(&plan("pod.yaml", &[])), sums);
    let output = plan("pod.yaml", &["--quiet"]);
    assert_eq!(stderr(&output), "");
    assert!(stdout(&output).contains("ghcr.io/x/ca:v1"));
    let told = stderr(&plan("list.yaml", &["--quiet"]));
    assert!(told.starts_with("refused:"), "{told}");
    assert!(!told.contains("1 repository"), "{told}");
}

#[test]
fn entries_without_a_tag_are_told_and_filled_in() {
    let folder = folder(&[("images.yaml", VECTOR)]);
    let args = [
        "plan",
        "-f",
        "images.yaml",
        "--target",
        "[::1]:5001",
        "-o",
        "json",
    ];
    let value = json(&images(folder.path(), &args));
    assert_eq!(
        (&value["tags"], &value["open"][0]["name"]),
        (&2.into(), &"apiserver".into())
    );
    let args = [&args[..], &["--target-version", "1.34.2"]].concat();
    let value = json(&images(folder.path(), &args));
    let sources: Vec<&str> = value["copies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|copy| copy["source"].as_str())
        .collect();
    assert_eq!(
        sources,
        [
            "ghcr.io/x/ca:v1.34.3",
            "registry.k8s.io/kube-apiserver:v1.34.2"
        ]
    );
}

#[test]
fn files_are_rewritten_in_place_and_then_pass_the_check() {
    let folder = folder(&[("pod.yaml", POD), ("images.yaml", VECTOR)]);
    let args = [
        "rewrite",
        "-f",
        "pod.yaml",
        "images.yaml",
        "--target",
        "[::1]:5001/3rd",
    ];
    let check = [&args[..], &["--check"]].concat();
    let output = images(folder.path(), &check);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("+    image: \"[::1]:5001/3rd/x/ca:v1\"   # pinned\n"),
        "{}",
        stdout(&output)
    );
    let output = images(folder.path(), &[&args[..], &["--in-place"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = fs::read_to_string(folder.path().join("pod.yaml")).expect("the file is there");
    assert_eq!(
        text,
        POD.replace("ghcr.io/x/ca:v1", "\"[::1]:5001/3rd/x/ca:v1\"")
    );
    let output = images(folder.path(), &check);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(0), String::new())
    );
}

#[test]
fn an_overwrite_made_of_a_vector_changes_what_a_lookup_finds() {
    let folder = folder(&[("images.yaml", VECTOR)]);
    let args = [
        "rewrite",
        "-f",
        "images.yaml",
        "--target",
        "[::1]:5001/3rd",
        "--overwrite",
        "--out",
        "o.yaml",
    ];
    let output = images(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let args = [
        "resolve",
        "--vector",
        "images.yaml",
        "--overwrite",
        "o.yaml",
        "--target-version",
        "1.35.9",
    ];
    let output = images(folder.path(), &args);
    assert_eq!(
        stdout(&output),
        "NAME        IMAGE\nca          [::1]:5001/3rd/x/ca:v1.35.1\napiserver   [::1]:5001/3rd/kube-apiserver:v1.35.9\n"
    );
}

#[test]
fn registries_that_nobody_asked_are_not_called_fine() {
    let folder = folder(&[("pod.yaml", POD)]);
    let output = images(folder.path(), &["list", "-f", "pod.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.starts_with("ghcr.io (1 image), IPv6 not tested, IPv4 not tested\n"),
        "{text}"
    );
    assert!(
        text.contains("ghcr.io/x/ca:v1  pod.yaml:7: Pod p, container c"),
        "{text}"
    );
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let wrong = POD.replace("ghcr.io/x/ca:v1", "Not/An:Image");
    let folder = folder(&[("pod.yaml", &wrong)]);
    for command in ["list", "plan", "rewrite"] {
        let mut args = vec![command, "-f", "pod.yaml"];
        if command != "list" {
            args.extend(["--target", "[::1]:5001"]);
        }
        let output = images(folder.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(
            stderr(&output).contains("pod.yaml:7:12: "),
            "{command}: {}",
            stderr(&output)
        );
    }
}
