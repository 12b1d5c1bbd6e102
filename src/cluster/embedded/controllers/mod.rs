//! The controllers every client expects: garbage collection and namespaces.
