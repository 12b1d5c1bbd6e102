//! kind's cluster documents: reading, defaults, acceptance, and what kind derives from them.

#![no_main]

use garden6::{
    generate::kind::{apply_defaults, container_facts, decode, validate},
    yaml,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for document in yaml::documents(text, "fuzz").unwrap_or_default() {
        let Ok(mut cluster) = decode(&document.value) else {
            continue;
        };
        apply_defaults(&mut cluster);
        if validate(&cluster).is_empty() {
            drop(container_facts(&cluster));
        }
    }
});
