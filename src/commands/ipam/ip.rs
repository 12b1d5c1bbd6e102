//! `garden6 ipam ip`.

use std::path::PathBuf;

use uuid::Uuid;

use super::{
    Action, Context, documents,
    input::{self, sourced},
    table, transact, transact_each, unusable, view,
};
use crate::{
    exit::Exit,
    failure::Failure,
    ipam::{
        network::{self, AddressRequest, Allocation, Known},
        store::Store,
    },
    ui::Format,
};

/// Gives projects addresses: those of a file, or one.
#[derive(Clone, Debug)]
pub struct Create {
    /// The file, one request per document.
    pub file: Option<PathBuf>,
    /// What was typed.
    pub request: AddressRequest,
}

/// Lists addresses.
#[derive(Clone, Debug)]
pub struct List {
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those of this network.
    pub network: Option<String>,
}

/// Takes addresses back.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The addresses, in any spelling.
    pub addresses: Vec<String>,
}

impl Action for Create {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let requests = sourced(self.file.as_ref(), &self.request)?;
        let made = transact_each(store, requests, |steps, request| {
            request.allocation_uuid = Uuid::new_v4().to_string();
            network::allocate_address(steps, &Known::default(), request)
        })?;
        documents(context, &made, format)
    }
}

impl Action for List {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let state = store.read().map_err(unusable)?;
        let all = view::addresses(state, |one| {
            is(&self.project, &one.project_id) && is(&self.network, &one.network_id)
        });
        context
            .ui
            .report(format, &all, |all| table::addresses(all))?;
        Ok(Exit::Success)
    }
}

impl Action for Delete {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let gone = transact(store, |steps| {
            self.addresses
                .iter()
                .map(|address| Ok(network::free_address(steps, address)?))
                .collect::<Result<Vec<Allocation>, input::Refused>>()
        })?;
        let gone: Vec<String> = gone.iter().map(|one| one.address.to_string()).collect();
        context
            .ui
            .report(format, &gone, |gone| format!("{}\n", gone.join("\n")))?;
        Ok(Exit::Success)
    }
}
