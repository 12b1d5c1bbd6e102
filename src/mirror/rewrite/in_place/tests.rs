use proptest::prelude::*;

use super::*;

fn settings(target: &str) -> DraftSettings {
    DraftSettings {
        target: Some(target.parse().unwrap()),
        ..DraftSettings::default()
    }
}

fn rewrite(text: &str, origin: &str) -> Result<Rewritten, RewriteError> {
    in_place(
        text,
        origin,
        &settings("[::1]:5001/3rd"),
        Timestamp::UNIX_EPOCH,
    )
}

const MANIFEST: &str = "\
# Kept as it is.
apiVersion: apps/v1
kind: Deployment   # also this
metadata: {name: a, annotations: {image: ghcr.io/x/y:1}}
spec:
  template:
    spec:
      containers:
      - name: one
        image:   ghcr.io/x/y:1   # the one
        env: [{name: IMAGE, value: 'ghcr.io/x/y:1'}]
      - {name: two, image: 'alpine'}
---
{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": \"alpine:3\"}]}}
";

#[test]
fn only_image_fields_change_and_all_else_keeps_its_bytes() {
    let rewritten = rewrite(MANIFEST, "all.yaml").unwrap();
    let expected = MANIFEST
        .replace(
            "image:   ghcr.io/x/y:1 ",
            "image:   \"[::1]:5001/3rd/x/y:1\" ",
        )
        .replace("'alpine'", "'[::1]:5001/3rd/alpine'")
        .replace("\"alpine:3\"", "\"[::1]:5001/3rd/alpine:3\"");
    assert_eq!(rewritten.text, expected);
    let places: Vec<_> = rewritten
        .changes
        .iter()
        .map(|change| change.origin.line)
        .collect();
    assert_eq!(places, [Some(10), Some(12), Some(14)]);
}

#[test]
fn what_is_rewritten_stays() {
    let once = rewrite(MANIFEST, "all.yaml").unwrap();
    let twice = rewrite(&once.text, "all.yaml").unwrap();
    assert_eq!((twice.text, twice.changes.len()), (once.text, 0));
}

#[test]
fn vectors_keep_tags_and_get_other_repositories() {
    let text = "images:\n# the one\n- name: a\n  repository: ghcr.io/x/a # why\n  tag: 3.10\n- name: b\n  ref: \"quay.io/b:1\"\n- {name: \
                c, repository: alpine}\n";
    let rewritten = rewrite(text, "images.yaml").unwrap();
    let expected = text
        .replace("ghcr.io/x/a", "\"[::1]:5001/3rd/x/a\"")
        .replace("\"quay.io/b:1\"", "\"[::1]:5001/3rd/b:1\"")
        .replace(
            "repository: alpine",
            "repository: \"[::1]:5001/3rd/alpine\"",
        );
    assert_eq!(rewritten.text, expected);
}

#[test]
fn lists_and_nodes_are_rewritten() {
    for (text, origin, before, after) in [
        (
            "# a\nkindest/node:v1 # b\r\n",
            "nodes.txt",
            "kindest/node:v1",
            "[::1]:5001/3rd/kindest/node:v1",
        ),
        (
            "- kindest/node:v1\n",
            "nodes.yaml",
            "kindest/node:v1",
            "\"[::1]:5001/3rd/kindest/node:v1\"",
        ),
        (
            "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: worker\n  image: kindest/node:v1\n",
            "kind.yaml",
            "kindest/node:v1",
            "\"[::1]:5001/3rd/kindest/node:v1\"",
        ),
        (
            "version = 2 # v\n[plugins.cri]\nsandbox_image = 'registry.k8s.io/pause:3.10'\n",
            "config.toml",
            "registry.k8s.io/pause",
            "[::1]:5001/3rd/pause",
        ),
    ] {
        let rewritten = rewrite(text, origin).unwrap();
        assert_eq!(rewritten.text, text.replace(before, after));
    }
}

#[test]
fn aliases_follow_what_they_stand_for() {
    let text = "kind: Pod\napiVersion: v1\nspec:\n  initContainers: [{image: &one 'alpine:3'}]\n  containers: [{image: *one}]\n";
    let rewritten = rewrite(text, "pod.yaml").unwrap();
    assert_eq!(
        rewritten.text,
        text.replace("alpine:3", "[::1]:5001/3rd/alpine:3")
    );
    assert_eq!(rewritten.changes.len(), 2);
}

#[test]
fn values_that_stand_elsewhere_are_refused() {
    let pod = |rest: &str| format!("kind: Pod\napiVersion: v1\n{rest}");
    let elsewhere = pod("x: &one alpine:3\nspec: {containers: [{image: *one}]}\n");
    let folded = pod("spec:\n  containers:\n  - image: >-\n      alpine:3\n");
    let shared = pod("spec: {containers: [{image: &one 'alpine:3'}]}\nx: *one\n");
    for (text, what) in [
        (elsewhere, "takes its value"),
        (folded, "takes its value"),
        (shared, "shares"),
    ] {
        let error = rewrite(&text, "pod.yaml").unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(error.starts_with("pod.yaml:"), "{error}");
    }
}

#[test]
fn lists_of_copies_are_no_place_for_copies() {
    let error = rewrite(
        "images: [{source: a, destination: b, tags: [c]}]",
        "list.yaml",
    )
    .unwrap_err();
    assert!(matches!(error, RewriteError::Kind { .. }), "{error}");
}

#[test]
fn wrong_references_are_told_with_their_place() {
    let error = rewrite(
        "kind: Pod\napiVersion: v1\nspec: {containers: [{image: 'A B'}]}\n",
        "pod.yaml",
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("pod.yaml:3:29: `spec.containers[0].image`"),
        "{error}"
    );
}

/// A scalar as a person would write it, and whether it is an image.
fn line() -> impl Strategy<Value = String> {
    let image = prop::sample::select(vec![
        "alpine",
        "alpine:3",
        "ghcr.io/x/y:1",
        "'quay.io/a/b'",
        "\"[::2]:5000/z:1\"",
    ]);
    let blank = prop::sample::select(vec![" ", "   "]);
    let comment = prop::sample::select(vec!["", " # ä", "   # ghcr.io/x/y:1"]);
    let key = prop::sample::select(vec!["image", "imageName", "Image", "note"]);
    (key, blank, image, comment)
        .prop_map(|(key, blank, image, comment)| format!("{key}:{blank}{image}{comment}"))
}

proptest! {
    #[test]
    fn everything_but_images_keeps_its_bytes(
        lines in prop::collection::vec(line(), 1..6),
        ending in prop::sample::select(vec!["\n", "\r\n"]),
        mark: bool,
    ) {
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        let mut expected = text.clone();
        for head in ["# ü", "kind: Pod", "apiVersion: v1", "spec:", "  containers:"] {
            text.push_str(head);
            text.push_str(ending);
        }
        expected.push_str(text.trim_start_matches('\u{feff}'));
        for line in &lines {
            let is_image = line.starts_with("image:");
            let written = format!("  - {line}{ending}");
            text.push_str(&written);
            if is_image {
                let (key, value) = written.split_once(':').unwrap();
                let start = value.len() - value.trim_start().len();
                let raw = value[start..].split_whitespace().next().unwrap();
                let bare = raw.trim_matches(['"', '\'']);
                let quote = if raw.starts_with('\'') { '\'' } else { '"' };
                let image: crate::mirror::ImageRef = bare.parse().unwrap();
                let name = crate::mirror::naming::short_name(&image);
                let last = bare.rsplit('/').next().unwrap();
                let tag = last.split_once(':').map(|(_, tag)| format!(":{tag}")).unwrap_or_default();
                let rest = &value[start + raw.len()..];
                let pad = &value[..start];
                let copy = format!("{quote}[::1]:5001/3rd/{name}{tag}{quote}");
                expected.extend([key, ":", pad, &copy, rest]);
            } else {
                expected.push_str(&written);
            }
        }
        let rewritten = rewrite(&text, "pod.yaml").unwrap();
        prop_assert_eq!(&rewritten.text, &expected);
        for change in &rewritten.changes {
            let image: crate::mirror::ImageRef = change.after.parse().unwrap();
            prop_assert_eq!(image.registry(), "[::1]:5001");
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in "(kind: Pod\n)?(images:\n)?[-a-z0-9:/@. \n{}\\[\\]&*'\"#]{0,60}") {
        drop(rewrite(&text, "any.yaml"));
        drop(overwrite_any(&text));
    }
}

fn overwrite_any(text: &str) -> Result<(String, Vec<Change>), RewriteError> {
    super::super::overwrite(text, "any.yaml", &settings("m.io"), Timestamp::UNIX_EPOCH)
}
