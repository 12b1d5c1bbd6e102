//! One file per verb: what a command does, given resolved arguments.
