//! Versions that a look-up asks for.

use std::{cmp::Ordering, sync::LazyLock};

use regex::Regex;
use thiserror::Error;

/// Three numbers; what is missing is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AskedVersion {
    /// The first number.
    pub major: u64,
    /// The second.
    pub minor: u64,
    /// The third.
    pub patch: u64,
}

/// A text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a version: write it as in 1.33.2")]
pub struct VersionError {
    /// What was written.
    pub text: String,
}

/// What of a version is compared: without any `v`, and cut at the first `-`, `+` or `~`, so that
/// pre-releases compare as their release.
pub fn normalized(version: &str) -> String {
    let bare = version.replace('v', "");
    bare.split(['-', '+', '~'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

impl AskedVersion {
    /// Reads a version after normalising it; the last one or two numbers may be missing.
    ///
    /// # Errors
    ///
    /// A text that is no version even so.
    pub fn read(text: &str) -> Result<Self, VersionError> {
        static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?$")
                .expect("invariant: the pattern is well-formed")
        });
        let refuse = || VersionError {
            text: text.to_owned(),
        };
        let normal = normalized(text);
        let parts = NUMBERS.captures(&normal).ok_or_else(refuse)?;
        let number = |index: usize| {
            parts
                .get(index)
                .map_or(Ok(0), |part| part.as_str().parse::<u64>())
                .map_err(|_| refuse())
        };
        Ok(Self {
            major: number(1)?,
            minor: number(2)?,
            patch: number(3)?,
        })
    }

    /// Compares with a bound of a constraint. A release comes after its own pre-releases.
    pub(super) fn against(self, bound: Self, bound_is_pre_release: bool) -> Ordering {
        self.cmp(&bound).then(if bound_is_pre_release {
            Ordering::Greater
        } else {
            Ordering::Equal
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_lose_every_v_and_all_suffixes() {
        for (text, normal) in [
            ("v1.33.2", "1.33.2"),
            ("v1.v33.2v", "1.33.2"),
            ("1.33.2-rc.1+x", "1.33.2"),
            ("1.33.2~1", "1.33.2"),
            ("-", ""),
        ] {
            assert_eq!(normalized(text), normal);
        }
    }

    #[test]
    fn one_to_three_numbers_are_a_version() {
        let read = |text: &str| AskedVersion::read(text).map(|v| (v.major, v.minor, v.patch));
        assert_eq!(read("v1.33-alpha"), Ok((1, 33, 0)));
        assert_eq!(read("1"), Ok((1, 0, 0)));
        assert_eq!(read("01.033.2"), Ok((1, 33, 2)));
        for text in [
            "",
            "latest",
            "1.",
            "1.2.3.4",
            " 1.2",
            "1.x",
            "99999999999999999999",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
