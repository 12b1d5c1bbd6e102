//! A real kind cluster: the `kind` binary and Docker Engine.
