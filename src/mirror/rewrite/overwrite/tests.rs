use super::*;

fn settings() -> DraftSettings {
    DraftSettings {
        target: Some("[fd00:10::5]:5001/3rd".parse().unwrap()),
        ..DraftSettings::default()
    }
}

fn make(text: &str) -> Result<(String, Vec<Change>), RewriteError> {
    overwrite(text, "images.yaml", &settings(), Timestamp::UNIX_EPOCH)
}

#[test]
fn keys_are_repeated_to_the_letter() {
    let (text, changes) = make(
        "images:\n- name: a\n  repository: ghcr.io/x/a\n  tag: v1\n  targetVersion: '>=1.30'\n- {name: b, ref: 'alpine:3', \
         architectures: [arm64, amd64]}\n",
    )
    .unwrap();
    insta::assert_snapshot!(text, @r#"
    images:
    - name: a
      targetVersion: ">=1.30"
      repository: "[fd00:10::5]:5001/3rd/x/a"
    - name: b
      architectures:
      - arm64
      - amd64
      ref: "[fd00:10::5]:5001/3rd/alpine:3"
    "#);
    assert_eq!(changes.len(), 2);
}

#[test]
fn what_an_overwrite_would_fold_is_refused() {
    let error = make(
        "images:\n- {name: a, repository: r.io/a, tag: '1'}\n- {name: a, repository: r.io/a, tag: '2'}\n",
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "images.yaml:3:3: this entry has the key of images.yaml:2:3; any overwrite folds the two into one"
    );
}
