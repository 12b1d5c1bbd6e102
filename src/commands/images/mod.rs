//! `garden6 images`: which images there are, what they mean, and where their copies go.

mod cluster;
mod environment;
pub mod list;
pub mod mirror;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod rewrite;
pub mod sources;
pub mod transfers;
pub mod vector;
pub mod verify;
