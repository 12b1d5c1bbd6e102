//! What a repaired file looks like: text in, text out.

pub mod daemon_json;
pub mod drop_in;
pub mod hosts;
pub mod key_value;
