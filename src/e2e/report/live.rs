//! What happens, as lines of text while it happens.

use crate::e2e::{
    event::{Event, What},
    failure::Failure,
    outcome::Outcome,
};

/// Turns events into lines for people who watch. Says every skip, hides nothing.
#[derive(Debug, Default)]
pub struct Live {
    width: usize,
    total: usize,
    done: usize,
}

impl Live {
    /// The lines that an event deserves, if any.
    pub fn lines(&mut self, event: &Event) -> Vec<String> {
        match &event.what {
            What::RunStarted {
                run,
                seed,
                lane,
                environment,
                cases,
                jobs,
                ..
            } => {
                self.total = cases.len();
                self.width = cases.iter().map(|case| case.case.len()).max().unwrap_or(0);
                let lane = lane.map_or_else(String::new, |lane| format!(", lane {lane}"));
                vec![format!(
                    "run {run}: {} cases, {jobs} at once{lane}, environment {} ({}, Kubernetes {}, profile {}), seed {seed}",
                    cases.len(),
                    environment.name,
                    environment.families,
                    environment.kubernetes,
                    environment.profile,
                )]
            }
            What::CaseFinished {
                case,
                outcome,
                skip,
                failure,
                took_ms,
            } => {
                self.done += 1;
                let reason = match skip {
                    Some(skip) => format!("  {}: {}", skip.code, skip.text),
                    None => String::new(),
                };
                let mut lines = vec![format!(
                    "{:>3}/{} {:<7} {case:<width$} {:>8}{reason}",
                    self.done,
                    self.total,
                    outcome.tag(),
                    seconds(*took_ms),
                    width = self.width,
                )];
                if let Some(failure) = failure
                    && *outcome != Outcome::Cancelled
                {
                    lines.extend(block(failure));
                }
                lines
            }
            What::AttemptFinished {
                case,
                attempt,
                outcome,
                failure: Some(failure),
                ..
            } if outcome.is_failure() && *attempt > 1 => {
                vec![format!(
                    "        {case}: attempt {attempt} {outcome}: {failure}"
                )]
            }
            What::StillRunning { cases } => cases
                .iter()
                .take(3)
                .map(|running| {
                    format!(
                        "        still running: {}, {} for {}",
                        running.case,
                        running.step,
                        seconds(running.for_ms)
                    )
                })
                .collect(),
            What::Interrupted { count, .. } => vec![
                match count {
                    1 => "stopping: cases are cancelled and cleaned up (again: skip clean-up)",
                    2 => "stopping: clean-up is skipped (again: leave now)",
                    _ => "leaving",
                }
                .to_owned(),
            ],
            What::FailedFast { failures } => vec![format!(
                "stopping after {failures} failed, as this lane does"
            )],
            _ => Vec::new(),
        }
    }
}

/// A failure as indented lines.
pub(super) fn block(failure: &Failure) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str| {
        for (index, line) in text.lines().enumerate() {
            let label = if index == 0 { label } else { "" };
            lines.push(format!("        {label:<9} {line}"));
        }
    };
    if let Some(step) = &failure.step {
        add("step", step);
    }
    add("problem", &failure.message);
    if let Some(expected) = &failure.expected {
        add("expected", expected);
    }
    if let Some(found) = &failure.found {
        add("found", found);
    }
    for observation in &failure.observations {
        let time = observation.at.strftime("%H:%M:%S%.3f");
        add("saw", &format!("{time} {}", observation.state));
    }
    lines
}

/// Milliseconds as `1.25 s` or `2 min 05 s`.
pub(super) fn seconds(milliseconds: u64) -> String {
    if milliseconds < 120_000 {
        let hundredths = milliseconds / 10;
        format!("{}.{:02} s", hundredths / 100, hundredths % 100)
    } else {
        let seconds = milliseconds / 1000;
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        assert_eq!(seconds(0), "0.00 s");
        assert_eq!(seconds(1259), "1.25 s");
        assert_eq!(seconds(125_000), "2 min 05 s");
    }
}
