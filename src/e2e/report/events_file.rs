//! The events file: one event per line, from which every report can be made again.

use std::io::{self, BufRead, Write};

use thiserror::Error;

use crate::e2e::event::{Event, SCHEMA, What};

/// Why an events file cannot be read.
#[derive(Debug, Error)]
pub enum EventsFileError {
    /// The file ends or breaks off by itself.
    #[error("the events cannot be read")]
    Io(#[from] io::Error),
    /// A line is no event.
    #[error("line {line} is not an event: {source}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A later version of garden6 wrote the file.
    #[error("the events have schema {found}, this version reads {SCHEMA}")]
    Schema {
        /// The schema of the file.
        found: u32,
    },
}

/// Writes an event as one line.
pub fn write_event(event: &Event, mut writer: impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    writer.write_all(&line)
}

/// Reads a file of events. A last line that is torn, as after a crash, is left out.
pub fn read_events(reader: impl BufRead) -> Result<Vec<Event>, EventsFileError> {
    let mut events = Vec::new();
    let mut lines = reader.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        match serde_json::from_str::<Event>(&line?) {
            Ok(event) => {
                if let What::RunStarted { schema, .. } = event.what
                    && schema > SCHEMA
                {
                    return Err(EventsFileError::Schema { found: schema });
                }
                events.push(event);
            }
            Err(_) if lines.peek().is_none() && index > 0 => {}
            Err(source) => {
                return Err(EventsFileError::Line {
                    line: index + 1,
                    source,
                });
            }
        }
    }
    Ok(events)
}
