//! Colours, where they help. Output makes sense without them.

use std::fmt;

/// Whether and how to colour text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    enabled: bool,
}

impl Style {
    /// Colours if `enabled`.
    pub const fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// Success.
    pub fn good(self, text: impl fmt::Display) -> String {
        self.paint("32", text)
    }

    /// Failure.
    pub fn bad(self, text: impl fmt::Display) -> String {
        self.paint("1;31", text)
    }

    /// Something to look at.
    pub fn warning(self, text: impl fmt::Display) -> String {
        self.paint("33", text)
    }

    /// A command or path to copy.
    pub fn hint(self, text: impl fmt::Display) -> String {
        self.paint("36", text)
    }

    /// What matters most in a line.
    pub fn strong(self, text: impl fmt::Display) -> String {
        self.paint("1", text)
    }

    /// What matters least in a line.
    pub fn dim(self, text: impl fmt::Display) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: impl fmt::Display) -> String {
        if self.enabled {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}
