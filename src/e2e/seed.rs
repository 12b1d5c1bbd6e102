//! The seed of a run: the source of every name that looks random.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A number from which all names of a run follow, so that a run can be repeated exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed that nobody has used before. Short enough to be typed.
    pub fn random() -> Self {
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        Self(high >> 32)
    }

    /// `length` lower-case letters and digits that follow from the seed and `parts` only.
    ///
    /// Vowels are left out, so that no words appear, as in generated Kubernetes names.
    pub fn suffix(self, parts: &[&str], length: usize) -> String {
        const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        for part in parts {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize()
            .iter()
            .take(length)
            .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
            .collect()
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_follow_from_seed_and_parts() {
        let suffix = |seed, parts: &[&str]| Seed(seed).suffix(parts, 5);
        assert_eq!(suffix(1, &["SHO-01", "1"]), suffix(1, &["SHO-01", "1"]));
        assert_ne!(suffix(1, &["SHO-01", "1"]), suffix(1, &["SHO-01", "2"]));
        assert_ne!(suffix(1, &["ab", "c"]), suffix(1, &["a", "bc"]));
        assert_ne!(suffix(1, &["SHO-01"]), suffix(2, &["SHO-01"]));
        assert_eq!(suffix(1, &[]).len(), 5);
    }
}
