//! The controllers of the environment, one file per kind.
