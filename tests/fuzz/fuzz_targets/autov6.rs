//! Tuples from text; the three lines of an input are the fields of one Shoot.

#![no_main]

use garden6::api::autov6::{Networks, Tuple, notation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut tuples = text.lines().map(|line| {
        drop(notation::spelled_out(line));
        let _ = notation::is_automatic(line);
        let tuple = line.parse::<Tuple>().ok()?;
        assert_eq!(tuple.to_string().parse(), Ok(tuple));
        Some(tuple)
    });
    let mut next = || tuples.next().flatten();
    let networks = Networks {
        pods: next(),
        nodes: next(),
        services: next(),
    };
    for workerless in [false, true] {
        let sound = networks.problems(workerless).is_empty();
        assert_eq!(networks.compile(workerless).is_ok(), sound);
    }
});
