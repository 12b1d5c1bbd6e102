//! The one writer: data to standard output, everything else to standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
};

use serde::Serialize;

use super::{bars::Bars, lines::Lines, style::Style};
use crate::{failure::Failure, progress::Progress, yaml};

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal.
    #[default]
    Auto,
    /// Also into pipes.
    Always,
    /// Not at all.
    Never,
}

/// The shape of data on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For programs and people.
    Yaml,
}

/// The shape of a report that CI systems read as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For CI systems.
    Junit,
}

/// Columns for text: those of the terminal, but no more than can be read in one go.
pub fn terminal_width(is_terminal: bool) -> usize {
    const WIDEST: u16 = 100;
    const NARROWEST: u16 = 40;
    let columns = terminal_size::terminal_size()
        .filter(|_| is_terminal)
        .map_or(WIDEST, |(terminal_size::Width(columns), _)| columns);
    usize::from(columns.clamp(NARROWEST, WIDEST))
}

/// How the user wants to be talked to.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the command line and the environment"
)]
pub struct UiOptions {
    /// When to colour.
    pub colour: Colour,
    /// Whether the environment asks for no colour (<https://no-color.org>).
    pub no_colour: bool,
    /// Whether a CI system runs us: lines instead of bars, whatever the terminal says.
    pub ci: bool,
    /// How much detail.
    pub verbose: bool,
    /// Nothing but results and what is wrong.
    pub quiet: bool,
}

/// The terminal.
#[derive(Clone, Debug)]
pub struct Ui {
    style: Style,
    data_style: Style,
    progress: Progress,
    verbose: bool,
    quiet: bool,
}

impl Ui {
    /// The terminal of this process.
    pub fn new(options: UiOptions) -> Self {
        let terminal = io::stderr().is_terminal();
        let style_of = |terminal: bool| {
            Style::new(match options.colour {
                Colour::Auto => terminal && !options.no_colour,
                Colour::Always => true,
                Colour::Never => false,
            })
        };
        let style = style_of(terminal);
        let data_style = style_of(io::stdout().is_terminal());
        let progress = if options.quiet {
            Progress::silent()
        } else if terminal && !options.ci && !options.verbose {
            Progress::new(Arc::new(Bars::new(style)))
        } else {
            Progress::new(Arc::new(Lines::new(style, options.verbose)))
        };
        Self {
            style,
            data_style,
            progress,
            verbose: options.verbose,
            quiet: options.quiet,
        }
    }

    /// Whether the user asked for detail.
    pub const fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Asks a question that only `y` and `yes` agree to; nothing where nobody can be asked.
    pub fn confirm(&self, question: &str) -> Option<bool> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let mut stderr = io::stderr().lock();
        let asked = write!(stderr, "{} [y/N] ", self.style.strong(question));
        asked.and_then(|()| stderr.flush()).ok()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// How to colour text on standard error.
    pub const fn style(&self) -> Style {
        self.style
    }

    /// How to colour text on standard output.
    pub const fn data_style(&self) -> Style {
        self.data_style
    }

    /// Where long jobs report.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Writes data to standard output.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(Failure::internal)
    }

    /// Writes a value to standard output, in the format that was asked for.
    pub fn report<T: Serialize>(
        &self,
        format: Format,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        match format {
            Format::Text => self.data(&text(value)),
            Format::Json => {
                let json = serde_json::to_string_pretty(value).map_err(Failure::internal)?;
                self.data(&format!("{json}\n"))
            }
            Format::Yaml => self.data(&yaml::emit(value)),
        }
    }

    /// Says something to a user who wants to know more than results and what is wrong.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.warn(line);
        }
    }

    /// Says what is wrong, even to a user who wants quiet.
    pub fn warn(&self, line: &str) {
        // Talk that nobody can hear is no reason to fail.
        drop(writeln!(io::stderr().lock(), "{line}"));
    }

    /// Says that and why a command failed.
    pub fn failure(&self, failure: &Failure) {
        let chain = failure.chain();
        let mut causes = chain.iter();
        let message = causes.next().map_or("", String::as_str);
        self.warn(&format!("{} {message}", self.style.bad("error:")));
        for cause in causes {
            self.warn(&format!("  {} {cause}", self.style.dim("caused by:")));
        }
        if !failure.hints().is_empty() {
            self.warn("");
        }
        for hint in failure.hints() {
            self.warn(&format!("{} {hint}", self.style.hint("hint:")));
        }
    }
}
