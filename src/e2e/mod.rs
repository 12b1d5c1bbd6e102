//! The end-to-end runner: cases, dispatcher, events and reports.
//!
//! A [`Case`] is data and an async function that sees a [`Context`] and nothing else: never a
//! backend, only what its [`Need`]s promise. [`select`] chooses cases, [`plan`] decides which run,
//! [`run`] runs them and sends [`Event`]s, and everything in [`report`] is a fold over events.

pub mod check;
pub mod collect;
pub mod probe;
pub mod report;
pub mod select;

mod case;
mod catalogue;
mod context;
mod event;
mod failure;
mod interrupt;
mod isolation;
mod lane;
mod need;
#[cfg(test)]
mod on_embedded;
mod outcome;
mod plan;
mod poll;
mod recorder;
mod run;
mod seed;
#[cfg(test)]
mod selftest;
mod suites;
mod summary;
mod target;
#[cfg(test)]
mod testing;
mod verdict;
mod worker;

pub use case::{Area, Case, CaseFuture, Lock, Scope, TimeoutClass, UnknownArea, variant};
pub use catalogue::catalogue;
pub use context::Context;
pub use event::{CaseFacts, EnvironmentFacts, Event, Phase, Running, SCHEMA, What};
pub use failure::{CaseResult, Failure, Observation, Skip, SkipCode, Stop};
pub use interrupt::Interrupt;
pub use isolation::{ATTEMPT_LABEL, CASE_LABEL, Isolation, Leftover, Namespaces, Place, RUN_LABEL};
pub use lane::{Lane, LanePolicy, UnknownLane};
pub use need::{Need, UnknownNeed};
pub use outcome::{Outcome, Tally};
pub use plan::{Planned, Unmet, Unusable, plan};
pub use poll::Look;
pub use run::{Harness, Keep, RunError, RunOptions, run, run_plan};
pub use seed::Seed;
pub use summary::{AttemptRecord, CaseRecord, StepRecord, Summary};
pub use target::Target;
pub use verdict::{FlakyPolicy, StopSignal, Verdict};
