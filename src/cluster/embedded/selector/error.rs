//! What can be wrong with a selector.

use thiserror::Error;

/// A selector that does not follow the grammar; the API answers 400 with this text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectorError {
    /// A word stands where the grammar wants another one, inside a requirement.
    #[error("unable to parse requirement: {detail}")]
    Requirement {
        /// What was found and what was expected.
        detail: String,
    },
    /// A word stands where the grammar wants another one, between requirements.
    #[error("{detail}")]
    Grammar {
        /// What was found and what was expected.
        detail: String,
    },
    /// A term of a field selector has no operator.
    #[error("invalid selector: '{selector}'; can't understand '{term}'")]
    Term {
        /// The whole selector.
        selector: String,
        /// The term without an operator.
        term: String,
    },
    /// A backslash in a field value escapes nothing that needs it.
    #[error("invalid field selector: invalid escape sequence: {sequence}")]
    Escape {
        /// The backslash and what follows it.
        sequence: String,
    },
    /// A field value holds an operator character without a backslash.
    #[error("invalid field selector: unescaped character in value: {character}")]
    Unescaped {
        /// The character.
        character: char,
    },
    /// A label selector object (`matchLabels`, `matchExpressions`) has the wrong shape.
    #[error("invalid label selector: {detail}")]
    Object {
        /// What is wrong with it.
        detail: String,
    },
}
