//! `--fix` and `--undo`: what is repaired, how, and how it is taken back.
//!
//! A [`Repair`] is what a check asks for: [`Action`]s, each something that is to be so. Looking at
//! the machine turns an action into [`Change`]s, each with all that is needed to take it back; the
//! [`Journal`] has a change on disk before it is made.

mod action;
mod change;
pub mod edit;
mod error;
mod file_state;
mod journal;
mod machine;
mod network;
mod recipe;
mod run;
mod sysctl;
mod take_back;

pub use action::{Action, with_sudo};
pub use change::{Change, Service};
pub use error::FixError;
pub use journal::{Entry, Journal, JournalError, Phase};
pub use machine::Hands;
pub use recipe::{Proposal, proposals};
pub use run::{Repair, Repaired, Restarts, TakenBack};
pub use take_back::Outcome;
