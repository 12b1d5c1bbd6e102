//! Protobuf request bodies, decoded to JSON.
//!
//! `kubectl create` with a generator and `kubectl auth can-i` send nothing else, and give up on a
//! 415. Answers are never protobuf. A table of fields names what is understood; unknown fields are
//! skipped, as every protobuf reader must.

mod decode;
mod messages;
mod wire;

pub(crate) use decode::decode;
