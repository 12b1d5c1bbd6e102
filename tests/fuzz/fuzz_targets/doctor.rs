//! Everything that the doctor reads about hosts, and whole snapshots: nothing makes it panic, and
//! what it says about a snapshot is never a defect of its own.

#![no_main]

#[path = "../doctor_texts.rs"]
mod doctor_texts;

use garden6::doctor::{self, Profile, Request, Target, facts::hosts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    doctor_texts::read_as_everything(text);
    if let Ok(facts) = hosts::read(text, None) {
        for target in Target::ALL {
            for profile in Profile::ALL {
                let report = doctor::run(&facts, &Request::new(target, profile));
                let report = report.expect("all checks are asked for");
                let broken = report.items.iter().find(|item| item.summary.contains("broke down"));
                assert!(broken.is_none(), "{broken:?}");
            }
        }
    }
});
