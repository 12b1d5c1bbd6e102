//! `garden6 doctor` as a program: codes, formats, replay, repair and its reversal.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// The command in a folder of its own.
struct Doctor {
    folder: tempfile::TempDir,
}

impl Doctor {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Runs the command without a terminal, an engine or settings of the user.
    #[expect(
        clippy::disallowed_methods,
        reason = "a program is tested as its users start it"
    )]
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_garden6"))
            .arg("--state-dir")
            .arg(self.folder.path().join("state"))
            .arg("doctor")
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("DOCKER_HOST", self.socket())
            .env_remove("DOCKER_CONTEXT")
            .stdin(Stdio::null())
            .output()
            .expect("the program runs")
    }

    fn socket(&self) -> String {
        format!("unix://{}", self.folder.path().join("no.sock").display())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder that stands for a machine.
    fn machine(&self) -> PathBuf {
        let root = self.path("root");
        fs::create_dir_all(root.join("etc")).expect("a folder of ours");
        fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n").expect("a file of ours");
        root
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal ends it")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn statuses(output: &Output) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a JSON report");
    let items = report["items"].as_array().expect("a list");
    items
        .iter()
        .map(|item| {
            let word = |key: &str| item[key].as_str().expect("a text").to_owned();
            (word("id"), word("status"))
        })
        .collect()
}

fn recorded() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/hardened.yaml");
    path.display().to_string()
}

#[test]
fn the_code_is_the_same_in_every_format() {
    let doctor = Doctor::new();
    let facts = recorded();
    for (arguments, expected) in [
        (vec![], 1),
        (vec!["--only", "swap"], 0),
        (vec!["--only", "hosts-localhost-v6"], 0),
        (vec!["--only", "hosts-localhost-v6", "--fail-on", "warn"], 1),
        (
            vec!["--only", "ip6tables-forward-policy", "--fail-on", "warn"],
            0,
        ),
        (
            vec!["--only", "ip6tables-forward-policy", "--fail-on", "unknown"],
            1,
        ),
        (
            vec![
                "--only",
                "ipv6-disable-lo",
                "--skip",
                "ipv6-disable-lo=a test",
            ],
            0,
        ),
    ] {
        for format in ["text", "json", "junit"] {
            let mut all = vec!["--facts", &facts, "-o", format];
            all.extend(&arguments);
            let output = doctor.run(&all);
            assert_eq!(code(&output), expected, "{all:?}\n{}", text(&output.stdout));
        }
    }
}

#[test]
fn an_unknown_check_is_an_error_of_usage_that_names_the_nearest() {
    let doctor = Doctor::new();
    let facts = recorded();
    for arguments in [
        vec!["--facts", &facts, "--only", "kind-network-ipv"],
        vec!["--facts", &facts, "--skip", "kind-network-ipv=reason"],
        vec!["explain", "kind-network-ipv"],
    ] {
        let output = doctor.run(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("kind-network-ipv6"), "{said}");
        assert!(output.stdout.is_empty());
    }
    let bare = doctor.run(&["--facts", &facts, "--skip", "swap"]);
    assert_eq!(
        code(&bare),
        2,
        "a check is not switched off without a reason"
    );
    let missing = doctor.run(&["--facts", "/nowhere/facts.yaml"]);
    assert_eq!(code(&missing), 2);
}

#[test]
fn a_snapshot_gives_the_report_that_the_machine_gave() {
    let doctor = Doctor::new();
    let file = doctor.path("facts.yaml").display().to_string();
    let live = doctor.run(&["--save-facts", &file, "-o", "json"]);
    let said = text(&live.stderr);
    assert!(said.contains("kernel settings"), "{said}");
    let replayed = doctor.run(&["--facts", &file, "-o", "json"]);
    assert_eq!(statuses(&live), statuses(&replayed));
    let errors: Vec<_> = statuses(&live)
        .into_iter()
        .filter(|(_, status)| status == "error")
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn nothing_is_repaired_without_consent_and_everything_is_put_back() {
    let doctor = Doctor::new();
    let root = doctor.machine();
    let hosts = root.join("etc/hosts");
    let before = fs::read(&hosts).unwrap();
    let root = root.display().to_string();
    let fix = |more: &[&str]| {
        let mut all = vec!["--root", &root, "--only", "hosts-localhost-v6", "--fix"];
        all.extend(more);
        doctor.run(&all)
    };
    for more in [vec![], vec!["--dry-run"]] {
        let output = fix(&more);
        let said = text(&output.stdout);
        assert!(
            said.contains("Plan") && said.contains("/etc/hosts"),
            "{said}"
        );
        assert_eq!(fs::read(&hosts).unwrap(), before);
    }
    let output = fix(&["--yes"]);
    assert!(
        text(&output.stdout).contains("repaired hosts-localhost-v6"),
        "{}",
        text(&output.stdout)
    );
    let repaired = fs::read(&hosts).unwrap();
    assert_ne!(repaired, before);
    fix(&["--yes"]);
    assert_eq!(
        fs::read(&hosts).unwrap(),
        repaired,
        "a second run does nothing"
    );
    let undone = doctor.run(&["--root", &root, "--undo"]);
    assert_eq!(code(&undone), 0, "{}", text(&undone.stdout));
    assert_eq!(fs::read(&hosts).unwrap(), before);
    let again = doctor.run(&["--root", &root, "--undo"]);
    assert_eq!(text(&again.stdout), "There is nothing to take back.\n");
}

#[test]
fn an_edit_of_somebody_else_is_left_alone_and_reported() {
    let doctor = Doctor::new();
    let root = doctor.machine();
    let hosts = root.join("etc/hosts");
    let root = root.display().to_string();
    doctor.run(&[
        "--root",
        &root,
        "--only",
        "hosts-localhost-v6",
        "--fix",
        "--yes",
    ]);
    let edited = format!("{}192.0.2.1 mine\n", fs::read_to_string(&hosts).unwrap());
    fs::write(&hosts, &edited).unwrap();
    let undone = doctor.run(&["--root", &root, "--undo"]);
    assert_eq!(code(&undone), 1);
    assert!(
        text(&undone.stdout).contains("left alone"),
        "{}",
        text(&undone.stdout)
    );
    assert_eq!(fs::read_to_string(&hosts).unwrap(), edited);
}

#[test]
fn the_catalogue_can_be_listed_and_read() {
    let doctor = Doctor::new();
    let listed = doctor.run(&["list", "-o", "json"]);
    let checks: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert!(checks.as_array().unwrap().len() > 150);
    let explained = text(&doctor.run(&["explain", "kind-network-ipv6"]).stdout);
    for part in ["reads", "rule", "why", "remedies"] {
        assert!(explained.contains(part), "{explained}");
    }
}
