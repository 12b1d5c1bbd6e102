//! The API kinds: types, custom resource definitions, validation and defaults. Pure.

pub mod gates;
