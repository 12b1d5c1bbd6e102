//! Which ranges are excepted from a block of a network policy.

use thiserror::Error;

use super::validation::{Path, Range};
use crate::net::Cidr;

/// A range that cannot be read. Nothing validates `blockCIDRs` earlier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not an address range")]
pub struct NotARange {
    /// What was written.
    pub text: String,
}

/// The candidates that lie inside `parent` and are smaller than it, verbatim and in order.
pub fn inside<'a>(
    parent: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<String>, NotARange> {
    let parent = read(parent)?;
    let mut except = Vec::new();
    for text in candidates {
        let candidate = read(text)?;
        if parent != candidate && parent.contains_cidr(candidate) {
            except.push(text.to_owned());
        }
    }
    Ok(except)
}

fn read(text: &str) -> Result<Cidr, NotARange> {
    Range::new(text, Path::new("cidr"))
        .network()
        .ok_or_else(|| NotARange {
            text: text.to_owned(),
        })
}
