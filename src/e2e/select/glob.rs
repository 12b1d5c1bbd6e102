//! Patterns with `*` and `?`, as shells have them.

use std::{fmt, str::FromStr};

/// A pattern for the ID of a case. Letter case does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.to_lowercase().chars().collect();
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let (mut at, mut from) = (0, 0);
        // Where to go on when the last star has to swallow one more character.
        let mut retry: Option<(usize, usize)> = None;
        while from < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    retry = Some((at + 1, from + 1));
                    at += 1;
                }
                Some(letter) if *letter == '?' || *letter == text[from] => {
                    at += 1;
                    from += 1;
                }
                _ => {
                    let Some((after_star, next)) = retry else {
                        return false;
                    };
                    (at, from) = (after_star, next);
                    retry = Some((after_star, next + 1));
                }
            }
        }
        pattern[at..].iter().all(|letter| *letter == '*')
    }

    /// Whether the pattern has no wildcard.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?'])
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Glob {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("SVC-01", "SVC-01", true),
            ("svc-01", "SVC-01", true),
            ("SVC-0", "SVC-01", false),
            ("SVC-*", "SVC-01", true),
            ("SVC-*", "SVC-", true),
            ("SVC-0?", "SVC-01", true),
            ("SVC-??", "SVC-1", false),
            ("*", "", true),
            ("*-01", "API-01", true),
            ("*0*1*", "API-01", true),
            ("*0*1*0", "API-01", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
        ] {
            let glob: Glob = pattern.parse().unwrap();
            assert_eq!(glob.matches(text), expected, "{pattern} {text}");
        }
    }
}
