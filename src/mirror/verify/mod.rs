//! Looking whether a mirror has what it should: names, digests, everything below them.

mod image;
mod report;

pub use image::{Verification, VerifyOptions};
pub use report::{Finding, VerifiedImage, VerifyReport};
