//! What a program answered.

use serde::{Deserialize, Serialize};

/// Exit status and output of a program that could be started.
///
/// A document may write only the output, which means that the program ended well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct CommandAnswer {
    /// Exit status; 128 and the number of the signal where one ended it.
    pub rc: i32,
    /// Standard output, and standard error behind it where the program failed.
    pub out: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Output(String),
    Whole { rc: i32, out: String },
}

impl CommandAnswer {
    /// An answer of a program that ended well.
    pub fn ok(out: impl Into<String>) -> Self {
        Self {
            rc: 0,
            out: out.into(),
        }
    }

    /// Whether the program ended well.
    pub const fn succeeded(&self) -> bool {
        self.rc == 0
    }

    /// The first line of the output, without white space around it.
    pub fn first_line(&self) -> &str {
        self.out.lines().next().unwrap_or_default().trim()
    }
}

impl From<Written> for CommandAnswer {
    fn from(written: Written) -> Self {
        match written {
            Written::Output(out) => Self { rc: 0, out },
            Written::Whole { rc, out } => Self { rc, out },
        }
    }
}

impl From<CommandAnswer> for Written {
    fn from(answer: CommandAnswer) -> Self {
        match answer {
            CommandAnswer { rc: 0, out } => Self::Output(out),
            CommandAnswer { rc, out } => Self::Whole { rc, out },
        }
    }
}
