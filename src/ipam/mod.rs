//! Address plans: which prefix is used for what in an environment.
