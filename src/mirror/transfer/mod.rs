//! Copying images: compared first, then only what is missing, parts before the whole, names last.

mod advice;
mod blob;
mod filter;
mod image;
mod job;
mod ledger;
mod meter;
mod place;
mod report;
mod run;
mod siblings;
mod signatures;
mod size;
mod store;
mod stores;
mod unfinished;

pub use advice::advice;
pub use filter::filtered;
pub use job::Job;
pub use place::{Place, PlaceError};
pub use report::{BlobTally, Counts, FailureReport, ImageReport, Outcome, Report, Totals};
pub use run::{Transfer, TransferOptions};
pub use size::Size;
pub use store::Store;
pub use stores::Stores;
pub use unfinished::RunMarks;
