use super::*;

fn wanted(source: &str) -> Wanted {
    Wanted {
        source: source.parse().unwrap(),
        destination: None,
        origin: Origin {
            file: "list.yaml".to_owned(),
            line: Some(1),
            what: source.to_owned(),
        },
    }
}

fn settings(target: &str) -> DraftSettings {
    DraftSettings {
        target: Some(target.parse().unwrap()),
        ..DraftSettings::default()
    }
}

fn draft(sources: &[&str]) -> Draft {
    let wanted: Vec<Wanted> = sources.iter().map(|source| wanted(source)).collect();
    Draft::new(&wanted, &settings("[::1]:5001/3rd")).unwrap()
}

fn targets(draft: &Draft) -> Vec<String> {
    let targets = draft.copies.iter().map(|copy| copy.target.to_string());
    targets.collect()
}

#[test]
fn every_image_is_copied_once_and_all_who_want_it_are_named() {
    let draft = draft(&["alpine:3", "docker.io/library/alpine:3", "ghcr.io/a/b/c:1"]);
    assert_eq!(
        targets(&draft),
        ["[::1]:5001/3rd/alpine:3", "[::1]:5001/3rd/b/c:1"]
    );
    assert_eq!(draft.copies[0].why.len(), 2);
    assert_eq!(draft.repositories(), 2);
}

#[test]
fn sources_that_share_a_target_are_refused_and_the_rest_is_planned() {
    let draft = draft(&[
        "fluent/fluent-bit:1",
        "ghcr.io/fluent/fluent-bit:1",
        "ghcr.io/fluent/fluent-bit:2",
        "nginx:1",
    ]);
    assert_eq!(targets(&draft), ["[::1]:5001/3rd/nginx:1"]);
    let [collision] = draft.collisions.as_slice() else {
        panic!("{:?}", draft.collisions);
    };
    assert_eq!(collision.target, "[::1]:5001/3rd/fluent/fluent-bit");
    assert_eq!(collision.shared_tags, ["1"]);
    assert_eq!(collision.sources[1].tags, ["1", "2"]);
    let error = draft.accept().unwrap_err();
    assert_eq!(
        error.to_string(),
        "docker.io/fluent/fluent-bit and ghcr.io/fluent/fluent-bit would all be copied to \
         [::1]:5001/3rd/fluent/fluent-bit"
    );
}

#[test]
fn sources_collide_also_where_they_share_no_tag_yet() {
    assert_eq!(
        draft(&["coredns/coredns:1", "registry.k8s.io/coredns/coredns:2"])
            .collisions
            .len(),
        1
    );
}

#[test]
fn full_names_do_not_collide() {
    let settings = DraftSettings {
        naming: Naming::Full,
        ..settings("[::1]:5001")
    };
    let images = [
        wanted("fluent/fluent-bit:1"),
        wanted("ghcr.io/fluent/fluent-bit:1"),
    ];
    let plan = Draft::new(&images, &settings).unwrap().accept().unwrap();
    assert_eq!(plan.copies.len(), 2);
}

#[test]
fn proof_of_the_same_content_lets_sources_share_a_target() {
    let digest = |digit: &str| format!("@sha256:{}", digit.repeat(64));
    let left = format!("quay.io/a/b:1{}", digest("a"));
    let same = format!("ghcr.io/a/b:1{}", digest("a"));
    let other = format!("ghcr.io/a/b:1{}", digest("b"));
    let shared = draft(&[&left, &same]);
    assert_eq!((shared.copies.len(), shared.collisions.len()), (1, 0));
    assert_eq!(draft(&[&left, &other]).collisions.len(), 1);
}

#[test]
fn one_tag_cannot_be_two_contents() {
    let pinned = |digit: &str| format!("quay.io/a/b:1@sha256:{}", digit.repeat(64));
    let draft = draft(&[&pinned("a"), &pinned("b")]);
    assert_eq!((draft.copies.len(), draft.collisions.len()), (0, 1));
    assert_eq!(draft.collisions[0].sources.len(), 2);
}

#[test]
fn where_one_of_two_is_pinned_the_pinned_content_is_copied() {
    let pinned = format!("quay.io/a/b:1@sha256:{}", "a".repeat(64));
    let draft = draft(&["quay.io/a/b:1", &pinned]);
    let [copy] = draft.copies.as_slice() else {
        panic!("{draft:?}");
    };
    assert_eq!((copy.source.to_string(), copy.why.len()), (pinned, 2));
}

#[test]
fn a_source_and_its_copy_in_gardeners_mirror_are_one_image() {
    let copy = "europe-docker.pkg.dev/gardener-project/releases/3rd/envoyproxy/envoy";
    let draft = draft(&[
        "envoyproxy/envoy:1",
        &format!("{copy}:1"),
        &format!("{copy}:2"),
    ]);
    assert_eq!(draft.collisions, []);
    assert_eq!(
        targets(&draft),
        [
            "[::1]:5001/3rd/envoyproxy/envoy:1",
            "[::1]:5001/3rd/envoyproxy/envoy:2"
        ]
    );
    assert_eq!(draft.copies[0].source.registry(), "docker.io");
}

#[test]
fn what_is_at_the_target_stays_there() {
    let draft = draft(&["[0::1]:5001/3rd/alpine:3", "[::1]:5001/alpine:3"]);
    assert_eq!(targets(&draft), ["[::1]:5001/3rd/alpine:3"]);
    assert_eq!(draft.left_out[0].reason, WhyLeftOut::InPlace);
}

#[test]
fn without_a_target_only_a_copy_list_says_where_copies_go() {
    let placed = Wanted {
        destination: Some("mirror.local/a:3".parse().unwrap()),
        ..wanted("alpine:3")
    };
    let settings = DraftSettings::default();
    let draft = Draft::new(&[placed], &settings).unwrap();
    assert_eq!(targets(&draft), ["mirror.local/a:3"]);
    let error = Draft::new(&[wanted("alpine:3")], &settings).unwrap_err();
    assert!(matches!(error, PlanError::NoTarget { .. }), "{error}");
}

#[test]
fn what_is_filtered_needs_no_target() {
    let filter = Filter::default()
        .registries(&["ghcr.io".to_owned()])
        .unwrap();
    let settings = DraftSettings {
        filter,
        ..DraftSettings::default()
    };
    let draft = Draft::new(&[wanted("alpine:3")], &settings).unwrap();
    assert_eq!(draft.left_out[0].reason, WhyLeftOut::Filtered);
}
