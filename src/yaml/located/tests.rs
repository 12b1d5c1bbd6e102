//! Tests of reading with places.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &str) -> Vec<Located> {
    let (documents, error) = located(text, "test.yaml");
    assert_eq!(error, None, "{text}");
    documents
}

fn at(document: &Located, path: &str) -> (usize, usize, usize) {
    let place = document.node.find(path);
    (place.line, place.column, place.length)
}

const SHOOT: &str = "\
# a comment
kind: Shoot
metadata:
  annotations: {shoot.gardener.cloud/x: 'on', a: b}
spec:
  networking:
    ipFamilies:
    - IPv6
    - IPv7
    pods:
    type: calico # why not
";

#[test]
fn every_field_has_a_place_and_a_missing_one_that_of_its_parent() {
    let documents = read(SHOOT);
    let document = &documents[0];
    for (path, expected) in [
        ("kind", (2, 7, 5)),
        ("metadata.annotations.shoot.gardener.cloud/x", (4, 41, 4)),
        ("spec.networking", (6, 3, 10)),
        ("spec.networking.ipFamilies", (7, 5, 10)),
        ("spec.networking.ipFamilies[1]", (9, 7, 4)),
        ("spec.networking.ipFamilies[7]", (7, 5, 10)),
        ("spec.networking.pods", (10, 5, 4)),
        ("spec.networking.services", (6, 3, 10)),
        ("spec.networking.type", (11, 11, 6)),
        ("spec.networking.typed", (6, 3, 10)),
        ("spec.provider.workers[0].name", (5, 1, 4)),
        ("status", (2, 1, 4)),
    ] {
        let found = at(document, path);
        // The document itself is as long as the parser says; only its start matters.
        let expected = if path == "status" {
            (expected.0, expected.1, found.2)
        } else {
            expected
        };
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn json_is_yaml_with_places() {
    let long = "x".repeat(3000);
    let text = format!("{{\"kind\": \"Shoot\",\n\t\"spec\": {{\"a\": [1, \"{long}\", true]}}}}");
    let documents = read(&text);
    assert_eq!(
        documents[0].value,
        json!({"kind": "Shoot", "spec": {"a": [1, long, true]}})
    );
    assert_eq!(at(&documents[0], "spec.a[0]"), (2, 17, 1));
}

#[test]
fn documents_are_told_apart_and_empty_ones_left_out() {
    let documents = read("---\n# nothing\n---\na: 1\n...\n---\nb: 2\n---\n");
    let values: Vec<&Value> = documents.iter().map(|document| &document.value).collect();
    assert_eq!(values, [&json!({"a": 1}), &json!({"b": 2})]);
    assert_eq!(at(&documents[1], "b"), (7, 4, 1));
}

#[test]
fn aliases_merge_keys_and_tags_are_resolved() {
    let documents = read("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nagain: *b\nn: !!str 7\n");
    assert_eq!(
        documents[0].value,
        json!({"base": {"x": 1, "y": 2}, "use": {"y": 3, "x": 1}, "again": {"x": 1, "y": 2}, "n": "7"})
    );
    assert_eq!(at(&documents[0], "again.x"), (3, 1, 5));
}

#[test]
fn aliases_cannot_blow_up_memory() {
    let levels = (1..12).map(|level| {
        let below = format!("*a{}", level - 1);
        let list = [below.as_str(); 10].join(", ");
        format!("a{level}: &a{level} [{list}]\n")
    });
    let text = format!("a0: &a0 [x, x, x, x, x]\n{}", levels.collect::<String>());
    let (_, error) = located(&text, "bomb.yaml");
    assert_eq!(
        error.unwrap().message,
        "aliases stand for more than 1000000 values"
    );
}

#[test]
fn a_field_given_twice_is_told_with_the_second_place() {
    let documents = read("spec:\n  a: 1\n  l:\n  - {b: 1, b: 2}\n  a: 3\n");
    let found: Vec<_> = documents[0]
        .duplicates
        .iter()
        .map(|(path, place)| (path.as_str(), place.line, place.column))
        .collect();
    assert_eq!(found, [("spec.l[0].b", 4, 12), ("spec.a", 5, 3)]);
}

#[test]
fn an_error_has_a_place_and_spares_what_came_before() {
    let (documents, error) = located("a: 1\n---\nb: [1\nc: 2\n", "broken.yaml");
    assert_eq!(documents.len(), 1);
    let error = error.unwrap();
    assert!(error.place().starts_with("broken.yaml:4:"), "{error}");
}

proptest! {
    #[test]
    fn arbitrary_text_is_read_or_refused(text in "[a-z:\\-\\[\\]{}&*!|>'\"#%@,? \\n\\t]{0,60}") {
        let (_, error) = located(&text, "any");
        prop_assert!(error.is_none_or(|error| !error.message.is_empty()));
    }

    #[test]
    fn what_is_written_is_read_back(
        map in proptest::collection::btree_map("[a-z.]{1,8}", "[ -~]{0,20}", 0..6),
    ) {
        let value = json!({"kind": "X", "data": map});
        let (documents, error) = located(&crate::yaml::emit(&value), "written");
        prop_assert_eq!(error, None);
        prop_assert_eq!(&documents[0].value, &value);
        let (documents, error) = located(&value.to_string(), "written");
        prop_assert_eq!(error, None);
        prop_assert_eq!(&documents[0].value, &value);
    }
}
