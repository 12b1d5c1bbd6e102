//! The page that a person reads first when a case did not pass.

use std::fmt;

use super::{final_text::rerun_command, live::seconds};
use crate::e2e::{
    collect::FileRecord, event::What, failure::Failure, outcome::Outcome, recorder::Stamped,
    seed::Seed,
};

/// What the page is made of.
pub(in crate::e2e) struct FailurePage<'a> {
    pub(in crate::e2e) run: &'a str,
    pub(in crate::e2e) seed: Seed,
    pub(in crate::e2e) environment: &'a str,
    pub(in crate::e2e) case: &'a str,
    pub(in crate::e2e) id: &'a str,
    pub(in crate::e2e) title: &'a str,
    pub(in crate::e2e) purpose: &'a str,
    pub(in crate::e2e) attempt: u32,
    pub(in crate::e2e) outcome: Outcome,
    pub(in crate::e2e) failure: Option<&'a Failure>,
    pub(in crate::e2e) left_behind: &'a [String],
    pub(in crate::e2e) events: &'a [Stamped],
    pub(in crate::e2e) files: &'a [FileRecord],
}

impl fmt::Display for FailurePage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}: {} {}\n", self.outcome, self.case, self.title)?;
        writeln!(
            f,
            "Run {}, attempt {}, environment {}, seed {}.\n",
            self.run, self.attempt, self.environment, self.seed
        )?;
        if !self.purpose.is_empty() {
            writeln!(f, "{}\n", self.purpose)?;
        }
        if let Some(failure) = self.failure {
            writeln!(f, "## What went wrong\n")?;
            if let Some(step) = &failure.step {
                writeln!(f, "In the step \"{step}\":\n")?;
            }
            code(f, &failure.message)?;
            for (label, text) in [("Expected", &failure.expected), ("Found", &failure.found)] {
                if let Some(text) = text {
                    writeln!(f, "{label}:\n")?;
                    code(f, text)?;
                }
            }
            if !failure.observations.is_empty() {
                writeln!(f, "The last states that were seen:\n")?;
                let states: Vec<String> = failure
                    .observations
                    .iter()
                    .map(|seen| format!("{} {}", seen.at.strftime("%H:%M:%S%.3f"), seen.state))
                    .collect();
                code(f, &states.join("\n"))?;
            }
        }
        if !self.left_behind.is_empty() {
            writeln!(f, "## Left behind\n")?;
            code(f, &self.left_behind.join("\n"))?;
        }
        writeln!(f, "## Steps\n")?;
        for event in self.events {
            if let What::StepStarted { step, title, .. } = &event.what {
                writeln!(f, "{step}. {title} (from {})", seconds(event.elapsed_ms))?;
            }
        }
        writeln!(f, "\n## Again\n")?;
        code(f, &rerun_command(&[self.id], self.seed))?;
        if !self.files.is_empty() {
            writeln!(f, "## Files\n")?;
            for file in self.files {
                writeln!(f, "* {} ({} bytes)", file.path, file.bytes)?;
            }
        }
        Ok(())
    }
}

/// An indented block: nothing in it can end it.
fn code(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for line in text.lines() {
        writeln!(f, "    {line}")?;
    }
    writeln!(f)
}
