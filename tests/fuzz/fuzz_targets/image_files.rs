//! Files that name images: whatever the text, reading ends, what is read can be planned, and what is
//! rewritten reads back and stays.

#![no_main]

use garden6::mirror::{
    inventory::{self, Selection},
    plan::{Draft, DraftSettings},
    rewrite,
    vector::{self, Question, VersionConstraint},
};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = Timestamp::UNIX_EPOCH;
    drop(text.parse::<VersionConstraint>());
    let question = Question {
        target_version: Some("1.33.2".to_owned()),
        ..Question::default()
    };
    if let Ok(images) = vector::read(text, "fuzz", now) {
        let merged = vector::merge(images.clone(), images);
        for name in merged.names() {
            drop(merged.find(name, &question));
        }
    }
    drop(vector::read_components(text, "fuzz", now));
    let settings = DraftSettings {
        target: "[::1]:5001/3rd".parse().ok(),
        ..DraftSettings::default()
    };
    let selection = Selection {
        questions: vec![question],
        ..Selection::default()
    };
    for name in ["fuzz.yaml", "fuzz.toml"] {
        for selection in [&Selection::default(), &selection] {
            if let Ok(found) = inventory::read(text, name, selection, now)
                && let Ok(draft) = Draft::new(&found.images, &settings)
            {
                let copies = draft.copies.len();
                assert!(copies <= found.images.len());
                drop(draft.accept());
            }
        }
        if let Ok(once) = rewrite::in_place(text, name, &settings, now) {
            let again = rewrite::in_place(&once.text, name, &settings, now);
            assert_eq!(
                again.map(|again| again.text).as_deref(),
                Ok(once.text.as_str())
            );
        }
    }
    drop(rewrite::overwrite(text, "fuzz.yaml", &settings, now));
});
