//! The three patch formats that change an object: JSON patch, merge patch and strategic merge patch.

pub mod json;
pub mod merge;
pub mod strategic;
