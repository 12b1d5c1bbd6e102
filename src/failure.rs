//! The one user-facing failure: what went wrong, why, what to do, and the exit code.

use std::error::Error;

use crate::exit::Exit;

/// A command that did not reach its end.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    source: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

impl Failure {
    /// A failure with the exit code that fits its cause.
    pub fn new(exit: Exit, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            exit,
            source: source.into(),
            hints: Vec::new(),
        }
    }

    /// What was typed, or a file that it names, is wrong.
    pub fn usage(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Exit::Usage, source)
    }

    /// The machine or the cluster cannot do what is asked.
    pub fn environment(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Exit::Environment, source)
    }

    /// Something that should work did not.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Exit::Failure, source)
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same failure under another exit code, unless the user's own call is at fault.
    #[must_use]
    pub fn with_exit(self, exit: Exit) -> Self {
        match self.exit {
            Exit::Usage | Exit::Interrupted | Exit::Terminated => self,
            _ => Self { exit, ..self },
        }
    }

    /// The exit code.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// What the user can do, in the order in which to try.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// Whether the reader of standard output went away, which is no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        self.source
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// The message and its causes, outermost first. A cause that only repeats what was said
    /// before is left out.
    pub fn chain(&self) -> Vec<String> {
        let mut chain = vec![self.source.to_string()];
        let mut cause = self.source.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !chain.iter().any(|said| said.contains(&text)) {
                chain.push(text);
            }
            cause = error.source();
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::fsutil::FileError;

    #[test]
    fn the_chain_tells_every_cause_once() {
        let source = FileError::new("write", "/state/x".as_ref(), io::Error::other("disk full"));
        let failure = Failure::environment(source).hint("free some space");
        assert_eq!(failure.chain(), ["cannot write /state/x", "disk full"]);
        assert_eq!(failure.hints(), ["free some space"]);
    }
}
