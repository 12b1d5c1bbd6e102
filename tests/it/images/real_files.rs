//! Gardener's list of copies and image vector, and calico's manifest, as they are.

use std::{collections::BTreeMap, path::PathBuf};

use garden6::mirror::{
    inventory::{FileKind, Inventory, Selection, read},
    plan::{Draft, DraftSettings, Filter, Target, Wanted},
    rewrite,
    vector::Question,
};
use jiff::Timestamp;

/// A file of the folder of real inputs.
#[expect(clippy::print_stdout, reason = "a skip is told with its reason")]
fn file(path: &str) -> Option<String> {
    let folder = std::env::var_os("GARDEN6_DATA")
        .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let text = std::fs::read_to_string(folder.join(path)).ok();
    if text.is_none() {
        println!("skipped: no real inputs, set GARDEN6_DATA");
    }
    text
}

const LIST: &str = "ci-infra/images.yaml";
const VECTOR: &str = "gardener/imagevector_containers.yaml";
const CALICO: &str = "calico/calico-v3.32.1.yaml";

fn inventory(text: &str, name: &str, selection: &Selection) -> Inventory {
    read(text, name, selection, Timestamp::now()).unwrap_or_else(|error| panic!("{error}"))
}

fn settings() -> DraftSettings {
    let target: Target = "[fd00:10::5]:5001/3rd".parse().expect("it is a target");
    DraftSettings {
        target: Some(target),
        ..DraftSettings::default()
    }
}

fn draft(wanted: &[Wanted], settings: &DraftSettings) -> Draft {
    Draft::new(wanted, settings).unwrap_or_else(|error| panic!("{error}"))
}

/// Repositories and tags by registry.
fn counts(draft: &Draft) -> BTreeMap<String, (usize, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for copy in &draft.copies {
        let registry = copy.source.canonical_registry();
        let count = counts.entry(registry.clone()).or_default();
        count.0 += usize::from(seen.insert((registry, copy.source.repository().to_owned())));
        count.1 += 1;
    }
    counts
}

#[test]
fn the_list_of_the_copy_job_is_44_repositories_and_313_tags() {
    let Some(text) = file(LIST) else { return };
    let found = inventory(&text, LIST, &Selection::default());
    assert_eq!(found.kind, FileKind::CopyList);
    let draft = draft(&found.images, &settings());
    assert_eq!((draft.repositories(), draft.copies.len()), (44, 313));
    assert_eq!(draft.collisions, []);
    let wanted = [
        ("docker.io".to_owned(), (35, 170)),
        ("ghcr.io".to_owned(), (8, 137)),
        ("registry.k8s.io".to_owned(), (1, 6)),
    ];
    assert_eq!(counts(&draft), BTreeMap::from(wanted));
}

#[test]
fn the_scheme_of_names_is_that_of_the_list_for_every_entry() {
    let Some(text) = file(LIST) else { return };
    let found = inventory(&text, LIST, &Selection::default());
    let gardener: Target = "europe-docker.pkg.dev/gardener-project/releases/3rd"
        .parse()
        .expect("it is a target");
    let named = DraftSettings {
        target: Some(gardener),
        ..DraftSettings::default()
    };
    let by_name = draft(&found.images, &named);
    let by_list = draft(&found.images, &DraftSettings::default());
    assert_eq!(by_name.copies, by_list.copies);
}

#[test]
fn every_image_of_docker_hub_is_found() {
    let Some(text) = file(LIST) else { return };
    let found = inventory(&text, LIST, &Selection::default());
    let settings = DraftSettings {
        filter: Filter::default()
            .registries(&["docker.io".to_owned()])
            .expect("it is a registry"),
        ..settings()
    };
    let draft = draft(&found.images, &settings);
    assert_eq!((draft.repositories(), draft.copies.len()), (35, 170));
}

#[test]
fn the_image_vector_is_planned_and_its_open_entries_are_named() {
    let Some(text) = file(VECTOR) else { return };
    let found = inventory(&text, VECTOR, &Selection::default());
    assert_eq!(found.kind, FileKind::ImageVector);
    assert_eq!((found.images.len(), found.open.len()), (68, 13));
    let all = draft(&found.images, &settings());
    assert_eq!(all.collisions, []);
    let of_one_shoot = Selection {
        questions: vec![Question {
            target_version: Some("1.36.4".to_owned()),
            ..Question::default()
        }],
        ..Selection::default()
    };
    let found = inventory(&text, VECTOR, &of_one_shoot);
    assert_eq!(found.open, []);
    let names: Vec<String> = found
        .images
        .iter()
        .map(|image| image.source.to_string())
        .collect();
    assert!(
        names.contains(&"registry.k8s.io/kube-apiserver:v1.36.4".to_owned()),
        "{names:?}"
    );
}

#[test]
fn together_the_two_files_collide_in_coredns_and_nowhere_else() {
    let (Some(list), Some(vector)) = (file(LIST), file(VECTOR)) else {
        return;
    };
    let mut wanted = inventory(&list, LIST, &Selection::default()).images;
    wanted.extend(inventory(&vector, VECTOR, &Selection::default()).images);
    let draft = draft(&wanted, &settings());
    let collisions: Vec<&str> = draft
        .collisions
        .iter()
        .map(|one| one.target.as_str())
        .collect();
    assert_eq!(collisions, ["[fd00:10::5]:5001/3rd/coredns/coredns"]);
}

#[test]
fn images_of_calico_are_found_and_rewritten_and_nothing_else_changes() {
    let Some(text) = file(CALICO) else { return };
    let found = inventory(&text, CALICO, &Selection::default());
    let names: std::collections::BTreeSet<String> = found
        .images
        .iter()
        .map(|image| image.source.to_string())
        .collect();
    assert_eq!(
        Vec::from_iter(names),
        [
            "quay.io/calico/cni:v3.32.1",
            "quay.io/calico/kube-controllers:v3.32.1",
            "quay.io/calico/node:v3.32.1"
        ]
    );
    let rewritten = rewrite::in_place(&text, CALICO, &settings(), Timestamp::now())
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rewritten.changes.len(), 5);
    let differing = text
        .lines()
        .zip(rewritten.text.lines())
        .filter(|(old, new)| old != new);
    assert_eq!(differing.count(), 5);
    assert_eq!(text.lines().count(), rewritten.text.lines().count());
}

#[test]
fn the_image_vector_is_rewritten_both_ways() {
    let Some(text) = file(VECTOR) else { return };
    let now = Timestamp::now();
    let rewritten = rewrite::in_place(&text, VECTOR, &settings(), now)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rewritten.changes.len(), 81);
    let differing = text
        .lines()
        .zip(rewritten.text.lines())
        .filter(|(old, new)| old != new);
    assert_eq!(differing.count(), 81);
    let (overwrite, changes) = rewrite::overwrite(&text, VECTOR, &settings(), now)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(changes.len(), 81);
    let of_overwrite = garden6::mirror::vector::read(&overwrite, "overwrite", now);
    assert_eq!(of_overwrite.expect("it is a vector").images.len(), 81);
}
