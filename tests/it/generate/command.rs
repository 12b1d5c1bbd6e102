//! Standard output, files, `--check`, `--diff` and templates.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs `garden6 generate` with a state folder of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "standard output and standard error are looked at apart, whatever the exit code"
)]
pub(super) fn generate(args: &[&str]) -> Output {
    let state = tempfile::tempdir().expect("a folder for the state");
    Command::new(env!("CARGO_BIN_EXE_garden6"))
        .args(["--state-dir".as_ref(), state.path().as_os_str()])
        .arg("generate")
        .args(args)
        .env_remove("GARDEN6_IP_FAMILY")
        .env_remove("GARDEN6_CNI")
        .env_remove("GARDEN6_NODE_IMAGE")
        .output()
        .expect("the program runs")
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

#[test]
fn a_document_goes_to_standard_output_and_nothing_else_does() {
    let output = generate(&["kind", "--ip-family", "ipv6"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("kind: Cluster\n"));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_checked_in_file_that_is_stale_or_missing_fails_the_check_with_a_diff() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kind.yaml");
    let check = |families| {
        generate(&[
            "kind",
            "--ip-family",
            families,
            "--out",
            text(&file),
            "--check",
        ])
    };

    let missing = check("ipv6");
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        stdout(&missing).starts_with("--- /dev/null\n"),
        "{}",
        stdout(&missing)
    );
    assert!(!file.exists(), "a check writes nothing");

    let written = generate(&["kind", "--ip-family", "ipv6", "--out", text(&file)]);
    assert!(written.status.success());
    assert_eq!(stdout(&written), "");
    assert!(stderr(&written).contains("kind.yaml written"));
    let good = check("ipv6");
    assert_eq!((good.status.code(), stdout(&good).as_str()), (Some(0), ""));

    let before = fs::read(&file).expect("the file is there");
    let stale = check("ipv4");
    assert_eq!(stale.status.code(), Some(1));
    let diff = stdout(&stale);
    assert!(diff.contains("\n-  ipFamily: ipv6\n"), "{diff}");
    assert!(diff.contains("\n+  ipFamily: ipv4\n"), "{diff}");
    let shown = generate(&[
        "kind",
        "--ip-family",
        "ipv4",
        "--out",
        text(&file),
        "--diff",
    ]);
    assert_eq!(shown.status.code(), Some(0));
    assert_eq!(stdout(&shown), stdout(&stale));
    assert_eq!(fs::read(&file).expect("the file is there"), before);
}

#[test]
fn a_foreign_file_is_replaced_and_what_changed_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("kind.yaml"), b"\xffmine\n").expect("a foreign file");
    fs::write(folder.path().join("other.yaml"), "mine\n").expect("another one");
    let output = generate(&["kind", "--out", text(folder.path())]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("kind.yaml changed: "),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains(" lines added, 1 removed"),
        "{}",
        stderr(&output)
    );
    let other = fs::read_to_string(folder.path().join("other.yaml")).expect("it is still there");
    assert_eq!(other, "mine\n");
    let again = generate(&["kind", "--out", text(folder.path())]);
    assert!(
        stderr(&again).contains("kind.yaml is up to date"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn several_files_need_a_folder() {
    let mirrors = [
        "hosts-toml",
        "--mirror",
        "docker.io=registry.local.gardener.cloud:5001",
    ];
    let output = generate(&mirrors);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("certs.d/docker.io/hosts.toml"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");

    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("new/");
    let output = generate(&[&mirrors[..], &["--out", text(&out)]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let file = fs::read_to_string(out.join("certs.d/docker.io/hosts.toml")).expect("it is written");
    assert!(file.contains("http://registry.local.gardener.cloud:5001"));

    let blocked = folder.path().join("file");
    fs::write(&blocked, "mine").expect("a file");
    let output = generate(&[&mirrors[..], &["--out", text(&blocked)]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(&blocked).expect("it is still there"),
        "mine"
    );
}

#[test]
fn the_templates_of_the_program_come_back_as_overrides() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    let names = stdout(&generate(&["templates"]));
    assert!(
        names.lines().any(|name| name == "kind/cluster.yaml"),
        "{names}"
    );
    assert!(generate(&["templates", "--out", out]).status.success());
    let same = generate(&["kind", "--templates", out]);
    assert_eq!(stdout(&same), stdout(&generate(&["kind"])));

    let template = folder.path().join("kind/cluster.yaml.hbs");
    let source = fs::read_to_string(&template).expect("the template is exported");
    fs::write(&template, format!("# ours\n{source}")).expect("the template is written");
    let changed = generate(&["kind", "--templates", out]);
    assert!(
        stdout(&changed).starts_with("# ours\nkind: Cluster\n"),
        "{}",
        stderr(&changed)
    );

    fs::write(&template, source.replace("{{quote name}}", "{{quote nam}}")).expect("it is written");
    let wrong = generate(&["kind", "--templates", out]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        stderr(&wrong)
            .contains("template kind/cluster.yaml:3:7: the plan has nothing called `nam`"),
        "{}",
        stderr(&wrong)
    );
    assert_eq!(stdout(&wrong), "");
}

#[test]
fn an_unknown_template_is_refused_with_the_nearest_name() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("kind")).expect("a folder");
    fs::write(folder.path().join("kind/clusters.yaml.hbs"), "").expect("a file");
    let output = generate(&["kind", "--templates", text(folder.path())]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains(
            "there is no template `kind/clusters.yaml`, did you mean `kind/cluster.yaml`"
        ),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_kind_would_refuse_is_told_with_a_reason_and_never_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kind.yaml");
    let output = generate(&[
        "kind",
        "--publish",
        "443:30443",
        "--publish",
        "[::]:443:30444",
        "--out",
        text(&file),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("nodes[0].extraPortMappings[1]: host port 443 is already taken"),
        "{}",
        stderr(&output)
    );
    assert!(!file.exists());
}
