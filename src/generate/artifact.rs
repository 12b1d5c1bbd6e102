//! A file that was generated, before it is written anywhere.

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs, relative to the folder of all files, with slashes.
    pub path: String,
    /// The content.
    pub content: String,
    /// Whether it is a program.
    pub executable: bool,
}

impl Artifact {
    /// A file that is no program.
    pub fn new(path: impl Into<String>, content: String) -> Self {
        Self {
            path: path.into(),
            content,
            executable: false,
        }
    }
}
