//! Tests of checking batches.

use serde_json::json;

use super::*;
use crate::{
    api::validation::Rules,
    commands::validate::{input::Text, json, text},
};

const SEED: &str = "\
apiVersion: core.gardener.cloud/v1beta1
kind: Seed
metadata: {name: local}
spec:
  networks:
    nodes: fd00:10::/64
    pods: fd00:10:1::/56
    services: fd00:10:2::/112
    ipFamilies: [IPv6]
";

const SHOOT: &str = "\
apiVersion: core.gardener.cloud/v1beta1
kind: Shoot
metadata:
  name: local
  namespace: garden-local
spec:
  networking:
    type: calico
    ipFamilies:
    - IPv6
    pods: fd00:10:1::/64
    services: fd00:10:4::/112
  provider:
    type: local
    workers:
    - {name: a, minimum: 1, maximum: 1}
";

struct Given {
    manifests: Manifests,
    texts: Vec<Text>,
    judge: Judge,
}

fn given(texts: &[&str]) -> Given {
    let texts: Vec<Text> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| Text {
            name: format!("{index}.yaml"),
            text: (*text).to_owned(),
        })
        .collect();
    Given {
        manifests: Manifests::read(&texts),
        texts,
        judge: Judge::new(Rules::default()),
    }
}

impl Given {
    fn check(&self, olds: &[Value], seeds: Option<&[Seed]>) -> Report {
        Batch {
            judge: &self.judge,
            manifests: &self.manifests,
            olds,
            seeds,
            strict: false,
        }
        .check()
    }
}

fn told(report: &Report) -> Vec<String> {
    let line = |entry: &Entry| {
        format!(
            "{}:{}:{} {} {}",
            entry.file,
            entry.place.line,
            entry.place.column,
            entry.finding.type_,
            entry.finding.field
        )
    };
    report.entries.iter().map(line).collect()
}

fn plain() -> Style {
    Style::new(false)
}

#[test]
fn a_seed_among_the_objects_is_the_seed_of_the_shoots_that_name_it() {
    let shoot = SHOOT.replace("spec:\n", "spec:\n  seedName: local\n");
    let both = format!("{SEED}---\n{shoot}");
    let report = given(&[&both]).check(&[], None);
    assert_eq!(told(&report), ["0.yaml:22:11 Invalid spec.networking.pods"]);
    assert_eq!((report.checked, report.refused), (2, 1));

    let alone = given(&[&shoot]);
    let report = alone.check(&[], None);
    assert!(report.is_valid());
    assert_eq!(
        report.notes(plain()),
        [
            "warning: Shoot garden-local/local was checked without its Seed `local`, which is not \
          given (`--seed FILE`)"
        ]
    );
    let seed: Seed = crate::yaml::parse(SEED, "seed.yaml").unwrap();
    let report = alone.check(&[], Some(std::slice::from_ref(&seed)));
    assert_eq!(told(&report), ["0.yaml:12:11 Invalid spec.networking.pods"]);
    // A Shoot that is not scheduled yet is judged as if it were, there.
    let report = given(&[SHOOT]).check(&[], Some(&[seed]));
    assert_eq!(told(&report), ["0.yaml:11:11 Invalid spec.networking.pods"]);
}

#[test]
fn a_missing_field_is_shown_at_its_parent() {
    let shoot = SHOOT.replace("    type: calico\n", "");
    let given = given(&[&shoot]);
    let report = given.check(&[], None);
    assert_eq!(told(&report), ["0.yaml:7:3 Required spec.networking.type"]);
    insta::assert_snapshot!(text::render(&report, &given.texts, plain()), @r"
    0.yaml:7:3: error[Required] spec.networking.type: must name a networking extension, such as calico
      |
    7 |   networking:
      |   ^^^^^^^^^^
    ");
}

#[test]
fn every_error_is_shown_with_its_line() {
    let shoot = SHOOT
        .replace("- IPv6", "- IPv6\n    - IPv7")
        .replace("calico", "''");
    let given = given(&[&shoot, "kind: Shoot\n"]);
    let report = given.check(&[], None);
    insta::assert_snapshot!(text::render(&report, &given.texts, plain()), @r#"
    0.yaml:8:11: error[Required] spec.networking.type: must name a networking extension, such as calico
      |
    8 |     type: ''
      |           ^^
      = Shoot garden-local/local

    0.yaml:11:7: error[NotSupported] spec.networking.ipFamilies[1] "IPv7": supported values: IPv4, IPv6
       |
    11 |     - IPv7
       |       ^^^^
       = Shoot garden-local/local

    1.yaml:1:1: error[Required] apiVersion: an object must say its apiVersion
      |
    1 | kind: Shoot
      | ^
      = Shoot
    "#);
}

#[test]
fn an_old_object_of_the_same_name_makes_an_update() {
    let old: Value = crate::yaml::parse(SHOOT, "old.yaml").unwrap();
    let new = SHOOT.replace("fd00:10:1::/64", "fd00:10:5::/64");
    let report = given(&[&new]).check(std::slice::from_ref(&old), None);
    assert_eq!(told(&report), ["0.yaml:11:11 Invalid spec.networking.pods"]);
    assert_eq!(report.updates, 1);
    let other = new.replace("  name: local\n", "  name: other\n");
    let report = given(&[&other, SHOOT]).check(&[old], None);
    assert_eq!((report.updates, report.is_valid()), (1, true));
}

#[test]
fn lists_are_unpacked_and_keep_their_places() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}},
        {"apiVersion": "core.gardener.cloud/v1beta1", "kind": "Shoot",
         "metadata": {"name": "a"}, "spec": {"networking": {"type": "calico", "pods": "x"},
         "provider": {"type": "aws", "workers": [{"name": "a"}]}}},
    ]});
    let text = serde_json::to_string_pretty(&list).unwrap();
    let report = given(&[&text]).check(&[], None);
    assert_eq!(told(&report), ["0.yaml:21:19 Invalid spec.networking.pods"]);
    assert_eq!((report.given, report.checked), (2, 1));
    assert_eq!(
        report.notes(plain()),
        ["warning: not checked, there are no rules for it: 1 Secret"]
    );
}

#[test]
fn what_kubectl_would_not_read_is_an_error_with_a_place() {
    for (text, expected) in [
        ("kind: Shoot\n", "0.yaml:1:1 Required apiVersion"),
        ("- a\n", "0.yaml:1:1 Malformed "),
        ("a: [\n", "0.yaml:1:4 Malformed "),
        (
            "apiVersion: core.gardener.cloud/v1\nkind: Shoot\n",
            "0.yaml:1:13 NotSupported apiVersion",
        ),
    ] {
        let report = given(&[text]).check(&[], None);
        assert_eq!(told(&report), [expected], "{text}");
    }
    let twice = SHOOT.replace("    type: calico\n", "    type: calico\n    type: cilium\n");
    let report = given(&[&twice]).check(&[], None);
    assert_eq!(
        told(&report),
        ["0.yaml:9:5 DuplicateField spec.networking.type"]
    );
}

#[test]
fn a_mistyped_kind_is_not_checked_and_said_so() {
    let given = given(&[&SHOOT.replace("kind: Shoot", "kind: Shot")]);
    let report = given.check(&[], None);
    assert_eq!(report.checked, 0);
    assert_eq!(
        report.notes(plain()),
        ["warning: not checked, there are no rules for it: 1 Shot, did you mean `Shoot`?"]
    );
}

#[test]
fn the_json_form_of_one_object_has_two_members_and_of_more_says_where() {
    let wrong = SHOOT.replace("fd00:10:1::/64", "nonsense");
    let one = json::value(&given(&[&wrong]).check(&[], None));
    let keys: Vec<&String> = one.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["valid", "errors"]);
    let keys: Vec<&String> = one["errors"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["type", "field", "value", "detail"]);
    assert_eq!(
        json::value(&given(&[SHOOT]).check(&[], None)),
        json!({"valid": true, "errors": []})
    );
    let two = json::value(&given(&[&wrong, "apiVersion: v1\nkind: Secret\n"]).check(&[], None));
    assert_eq!(
        two["errors"][0]["source"],
        json!({"file": "0.yaml", "line": 11, "column": 11, "object": "Shoot garden-local/local"})
    );
    assert_eq!(
        two["objects"],
        json!({"checked": 1, "refused": 1, "notChecked": ["Secret"]})
    );
}
