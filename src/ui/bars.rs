//! Progress on a terminal: a spinner with age and detail for each running step.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{lines::seconds, style::Style};
use crate::progress::{ProgressEvent, ProgressSink};

/// Draws progress on standard error.
pub(super) struct Bars {
    style: Style,
    area: MultiProgress,
    running: Mutex<HashMap<u64, (String, ProgressBar)>>,
}

impl Bars {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            area: MultiProgress::new(),
            running: Mutex::default(),
        }
    }

    fn start(&self, step: u64, title: String) {
        const TICK: Duration = Duration::from_millis(100);
        let style = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg} {elapsed}")
            .expect("the template is well-formed")
            .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
        let bar = self.area.add(ProgressBar::new_spinner());
        bar.set_style(style);
        bar.set_prefix(title.clone());
        bar.enable_steady_tick(TICK);
        let mut running = self
            .running
            .lock()
            .expect("no panic happens under this lock");
        running.insert(step, (title, bar));
    }

    fn end(&self, step: u64, line: impl FnOnce(&str) -> String) {
        let mut running = self
            .running
            .lock()
            .expect("no panic happens under this lock");
        if let Some((title, bar)) = running.remove(&step) {
            bar.finish_and_clear();
            self.area.remove(&bar);
            self.print(line(&title));
        }
    }

    fn print(&self, line: String) {
        // Progress that nobody can read is no reason to fail.
        drop(self.area.println(line));
    }
}

impl ProgressSink for Bars {
    fn event(&self, event: ProgressEvent) {
        let style = self.style;
        match event {
            ProgressEvent::Started { step, title } => self.start(step, title),
            ProgressEvent::Detail { step, text } => {
                let running = self
                    .running
                    .lock()
                    .expect("no panic happens under this lock");
                if let Some((_, bar)) = running.get(&step) {
                    bar.set_message(text);
                }
            }
            ProgressEvent::Done {
                step,
                outcome,
                took,
            } => self.end(step, |title| {
                let took = style.dim(seconds(took));
                format!("{} {title}: {outcome} {took}", style.good("✓"))
            }),
            ProgressEvent::Failed { step, took } => self.end(step, |title| {
                format!("{} {title} {}", style.bad("✗"), style.dim(seconds(took)))
            }),
            ProgressEvent::Warning { text } => {
                self.print(format!("{} {text}", style.warning("warning:")));
            }
        }
    }
}
