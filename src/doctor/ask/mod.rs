//! How rules read facts: through typed questions that remember what was asked.
//!
//! A question about a fact that was not recorded ends the rule with an error that names the fact;
//! one that could not be read ends it as unknown. Only what is there, or is known not to be,
//! reaches the rule.

mod daemon;
mod engine;
mod machine;
mod platform;
mod provider;
mod ranges;
mod subject;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::{Fact, Facts, Scope, finding::Gap};

pub(super) use daemon::flag_of;
pub(super) use engine::subnets;
pub use platform::Platform;
pub use provider::Provider;
pub(super) use subject::EngineTrouble;
pub use subject::Subject;

/// A fact that a check read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Whose fact it is.
    pub scope: Scope,
    /// Which one: a path, a sysctl, a command line, a field.
    pub key: String,
    /// Its value, shortened; `absent`, `denied` or the reason where there is none.
    pub value: String,
}

/// The facts as one rule sees them.
pub struct Ask<'a> {
    facts: &'a Facts,
    subject: &'a Subject,
    read: RefCell<Vec<Evidence>>,
}

/// Longest value that a report repeats.
const LONGEST_VALUE: usize = 200;

impl<'a> Ask<'a> {
    pub(super) const fn new(facts: &'a Facts, subject: &'a Subject) -> Self {
        Self {
            facts,
            subject,
            read: RefCell::new(Vec::new()),
        }
    }

    /// What was read so far, in order and without repetition.
    pub(super) fn into_evidence(self) -> Vec<Evidence> {
        let mut read: Vec<Evidence> = Vec::new();
        for evidence in self.read.into_inner() {
            if !read.contains(&evidence) {
                read.push(evidence);
            }
        }
        read
    }

    fn remember(&self, scope: Scope, key: &str, value: impl Into<String>) {
        let mut value: String = value.into();
        if value.len() > LONGEST_VALUE {
            let end = (0..=LONGEST_VALUE)
                .rev()
                .find(|end| value.is_char_boundary(*end));
            value.truncate(end.unwrap_or_default());
            value.push('…');
        }
        self.read.borrow_mut().push(Evidence {
            scope,
            key: key.to_owned(),
            value,
        });
    }

    /// Turns a fact into what a rule works with.
    fn answer<'f, T>(
        &self,
        scope: Scope,
        key: &str,
        fact: &'f Fact<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> Result<Option<&'f T>, Gap> {
        match fact {
            Fact::Known(value) => {
                self.remember(scope, key, shown(value));
                Ok(Some(value))
            }
            Fact::Absent => {
                self.remember(scope, key, "absent");
                Ok(None)
            }
            Fact::Denied => {
                self.remember(scope, key, "denied");
                Err(Gap::Unknown(format!("{key}: permission denied")))
            }
            Fact::Unavailable(reason) => {
                self.remember(scope, key, reason.clone());
                Err(Gap::Unknown(format!("{key}: {reason}")))
            }
            Fact::NotRecorded => Err(Gap::NotRecorded {
                scope,
                key: key.to_owned(),
            }),
        }
    }
}

/// A fact that sharpens an answer but is not needed for one: snapshots may lack it.
pub(super) fn if_known<T>(answer: Result<Option<T>, Gap>) -> Option<T> {
    answer.ok().flatten()
}
