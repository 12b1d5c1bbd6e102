//! Texts of a request as prefixes and families.

use std::collections::BTreeMap;

use super::{ChildLengths, NetworkError};
use crate::{
    ipam::engine,
    net::{Cidr, IpFamily},
};

/// Reads the prefixes of a member; host bits are cleared.
pub(super) fn read(field: &'static str, texts: &[String]) -> Result<Vec<Cidr>, NetworkError> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            engine::prefix(text).map_err(|error| NetworkError::Prefix {
                field,
                index,
                text: text.clone(),
                why: error.to_string(),
            })
        })
        .collect()
}

/// Reads what may be announced.
pub(super) fn announcable(texts: &[String]) -> Result<Vec<Cidr>, NetworkError> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            engine::prefix(text).map_err(|error| NetworkError::Announcable {
                index,
                text: text.clone(),
                why: error.to_string(),
            })
        })
        .collect()
}

/// Reads a family, in any case.
pub(super) fn family(of: &'static str, word: &str) -> Result<IpFamily, NetworkError> {
    word.parse().map_err(|_| NetworkError::Family {
        of,
        word: word.to_owned(),
    })
}

/// Reads lengths by family.
pub(super) fn lengths(
    of: &'static str,
    lengths: &BTreeMap<String, u8>,
) -> Result<ChildLengths, NetworkError> {
    let mut read = ChildLengths::default();
    for (word, length) in lengths {
        let family = family(of, word)?;
        if *length > family.bits() {
            return Err(NetworkError::LengthImpossible {
                length: *length,
                family,
            });
        }
        read.set(family, *length);
    }
    Ok(read)
}

/// Destinations must be of families that the prefixes have; the reverse need not be.
pub(super) fn check_destinations(
    destinations: &[Cidr],
    has: impl Fn(IpFamily) -> bool,
) -> Result<(), NetworkError> {
    let mut families = destinations.iter().map(|cidr| cidr.family());
    match families.find(|family| !has(*family)) {
        Some(family) => Err(NetworkError::DestinationFamily { family }),
        None => Ok(()),
    }
}

/// A super network needs a length for each family that it has, longer than all its prefixes, and
/// none for another family: no child could ever be allocated.
pub(super) fn check_lengths(prefixes: &[Cidr], lengths: ChildLengths) -> Result<(), NetworkError> {
    for prefix in prefixes {
        let family = prefix.family();
        let Some(length) = lengths.get(family) else {
            return Err(NetworkError::LengthMissing { family });
        };
        if length <= prefix.prefix_len() {
            return Err(NetworkError::LengthNotLonger {
                length,
                prefix: *prefix,
            });
        }
    }
    let without = |family: &IpFamily| prefixes.iter().all(|prefix| prefix.family() != *family);
    match lengths.iter().map(|(family, _)| family).find(without) {
        Some(family) => Err(NetworkError::LengthWithoutPrefix { family }),
        None => Ok(()),
    }
}
