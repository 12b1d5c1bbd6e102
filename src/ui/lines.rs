//! Progress as plain lines: one when a step starts, one when it ends. For CI logs and pipes.

use std::{collections::HashMap, io::Write as _, sync::Mutex, time::Duration};

use super::style::Style;
use crate::progress::{ProgressEvent, ProgressSink};

/// Writes progress to standard error.
pub(super) struct Lines {
    style: Style,
    verbose: bool,
    titles: Mutex<HashMap<u64, String>>,
}

impl Lines {
    pub(super) fn new(style: Style, verbose: bool) -> Self {
        Self {
            style,
            verbose,
            titles: Mutex::default(),
        }
    }

    fn title(&self, step: u64) -> String {
        let titles = self
            .titles
            .lock()
            .expect("no panic happens under this lock");
        titles.get(&step).cloned().unwrap_or_default()
    }

    fn line(&self, event: ProgressEvent) -> Option<String> {
        match event {
            ProgressEvent::Started { step, title } => {
                let line = format!("{} {title}", self.style.dim("..."));
                let mut titles = self
                    .titles
                    .lock()
                    .expect("no panic happens under this lock");
                titles.insert(step, title);
                Some(line)
            }
            ProgressEvent::Detail { step, text } => self.verbose.then(|| {
                let title = self.title(step);
                self.style.dim(format!("    {title}: {text}"))
            }),
            ProgressEvent::Done {
                step,
                outcome,
                took,
            } => Some(format!(
                "{} {}: {outcome} {}",
                self.style.good("ok "),
                self.title(step),
                self.style.dim(seconds(took))
            )),
            ProgressEvent::Failed { step, took } => Some(format!(
                "{} {} {}",
                self.style.bad("!! "),
                self.title(step),
                self.style.dim(seconds(took))
            )),
            ProgressEvent::Warning { text } => {
                Some(format!("{} {text}", self.style.warning("warning:")))
            }
        }
    }
}

impl ProgressSink for Lines {
    fn event(&self, event: ProgressEvent) {
        if let Some(line) = self.line(event) {
            // Progress that nobody can read is no reason to fail.
            drop(writeln!(std::io::stderr().lock(), "{line}"));
        }
    }
}

/// A duration as people read it: `(3.4 s)`, `(2 min 05 s)`.
pub(super) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole >= 60 {
        format!("({} min {:02} s)", whole / 60, whole % 60)
    } else {
        format!("({:.1} s)", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(seconds(Duration::from_millis(3_440)), "(3.4 s)");
        assert_eq!(seconds(Duration::from_secs(125)), "(2 min 05 s)");
    }

    #[test]
    fn a_step_is_two_lines_unless_verbose() {
        let steps = |verbose| {
            let lines = Lines::new(Style::new(false), verbose);
            [
                ProgressEvent::Started {
                    step: 0,
                    title: "network".to_owned(),
                },
                ProgressEvent::Detail {
                    step: 0,
                    text: "creating".to_owned(),
                },
                ProgressEvent::Done {
                    step: 0,
                    outcome: "created".to_owned(),
                    took: Duration::from_secs(1),
                },
            ]
            .into_iter()
            .filter_map(|event| lines.line(event))
            .collect::<Vec<_>>()
        };
        assert_eq!(
            steps(false),
            ["... network", "ok  network: created (1.0 s)"]
        );
        assert_eq!(steps(true)[1], "    network: creating");
    }
}
