//! The `garden6` binary: parse, run, exit code. Everything else is in the library.

fn main() {}
