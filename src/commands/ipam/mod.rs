//! `garden6 ipam`: networks and addresses, as users of metal-stack know them.

mod input;
mod ip;
mod network;
mod table;
mod view;

use std::path::PathBuf;

use serde::Serialize;

use self::input::Sourced;
use super::Context;
use crate::{
    exit::Exit,
    failure::Failure,
    ipam::{
        network::NetworkError,
        state::Transaction,
        store::{Store, StoreError, TransactError},
    },
    ui::Format,
    yaml,
};

pub use ip::{Create as CreateIp, Delete as DeleteIp, List as ListIps};
pub use network::{Allocate, Create, Delete, Describe, List};

/// A call of one of the commands.
#[derive(Clone, Debug)]
pub struct Request<R> {
    /// What is to be done.
    pub action: R,
    /// The file of the store, if not the one of the state folder.
    pub store: Option<PathBuf>,
    /// Shape of the result.
    pub format: Format,
}

/// Something to be done with the store.
pub trait Action {
    /// Does it and shows the result.
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure>;
}

/// Opens the store and does what was asked for.
pub fn run<R: Action>(context: &Context, request: &Request<R>) -> Result<Exit, Failure> {
    let path = request
        .store
        .clone()
        .unwrap_or_else(|| context.state_dir.addresses());
    let mut store = Store::open(&path).map_err(unusable)?;
    request.action.run(context, &mut store, request.format)
}

/// Shows what was made: as text one document each, as data one object or a list.
fn documents<T: Serialize>(context: &Context, made: &[T], format: Format) -> Result<Exit, Failure> {
    match made {
        [one] => context.ui.report(format, one, yaml::emit)?,
        several => context.ui.report(format, &several, |all| {
            let documents: Vec<String> = all.iter().map(yaml::emit).collect();
            documents.join("---\n")
        })?,
    }
    Ok(Exit::Success)
}

/// Carries out steps in one transaction.
fn transact<T>(
    store: &mut Store,
    steps: impl FnOnce(&mut Transaction<'_>) -> Result<T, input::Refused>,
) -> Result<T, Failure> {
    store.transact(steps).map_err(|error| match error {
        TransactError::Refused(refused) => refused.into(),
        TransactError::Store(error) => unusable(error),
    })
}

/// Carries out one step for each request in one transaction; a refusal names the place of its request.
fn transact_each<R, T>(
    store: &mut Store,
    mut requests: Vec<Sourced<R>>,
    step: impl Fn(&mut Transaction<'_>, &mut R) -> Result<T, NetworkError>,
) -> Result<Vec<T>, Failure> {
    transact(store, |steps| {
        requests
            .iter_mut()
            .map(|sourced| step(steps, &mut sourced.request).map_err(|error| sourced.blame(error)))
            .collect()
    })
}

/// A refusal: what was asked for is wrong (exit code 2), or cannot be had now (exit code 1).
fn refused(error: &NetworkError, text: String) -> Failure {
    let failure = match error.status() {
        400 => Failure::usage(text),
        _ => Failure::internal(text),
    };
    match error {
        NetworkError::NoSuper { .. } => {
            failure.hint("create one with `privatesuper: true` and this `partitionid` first")
        }
        NetworkError::AddressOfSuper { .. } => {
            failure.hint("`garden6 ipam network allocate --partition PARTITION --project PROJECT`")
        }
        NetworkError::NetworkUnknown { .. } => {
            failure.hint("`garden6 ipam network list` shows all networks")
        }
        NetworkError::AddressUnknown { .. } => {
            failure.hint("`garden6 ipam ip list` shows all addresses")
        }
        NetworkError::HasChildren | NetworkError::ChildrenInUse { .. } => {
            failure.hint("delete the networks that were allocated from it first")
        }
        NetworkError::AddressInUse { .. } | NetworkError::Release(_) => {
            failure.hint("delete its addresses first, `garden6 ipam ip list --network ID`")
        }
        _ => failure,
    }
}

/// A store that cannot be used is the user's to mend; it is never emptied.
fn unusable(error: StoreError) -> Failure {
    let hint = match &error {
        StoreError::Foreign { .. } => {
            Some("name another file with `--store FILE`; this one was left as it is")
        }
        StoreError::Damaged { .. } | StoreError::Contradiction { .. } => Some(
            "the file was left as it is: restore it from a copy, or move it away to start anew",
        ),
        StoreError::Busy { .. } => Some("wait for the other process to end, or end it"),
        StoreError::File(_) => None,
    };
    let failure = Failure::environment(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
