//! Reports: folds over events. None of them knows more about a run than its events say.
//!
//! [`Live`] says things while they happen; the others are made of a whole [`Summary`], so that
//! they can be made again from an events file at any time and always agree.
//!
//! [`Summary`]: super::Summary

mod events_file;
mod failure_page;
mod final_text;
mod json;
mod junit;
mod live;
mod tap;

pub use events_file::{EventsFileError, read_events, write_event};
pub use final_text::final_text;
pub use json::json;
pub use junit::{JunitDialect, JunitError, junit};
pub use live::Live;
pub use tap::tap;

pub(super) use failure_page::FailurePage;
