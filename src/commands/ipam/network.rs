//! `garden6 ipam network`.

use std::path::PathBuf;

use uuid::Uuid;

use super::{
    Action, Context, documents,
    input::{self, sourced},
    table, transact, transact_each, unusable,
    view::{self, NetworkView},
};
use crate::{
    exit::Exit,
    failure::Failure,
    ipam::{
        network::{self, AllocateRequest, CreateRequest, Known, Network, NetworkError},
        store::Store,
    },
    ui::Format,
    yaml,
};

/// Creates networks with prefixes of their own: those of a file, or one.
#[derive(Clone, Debug)]
pub struct Create {
    /// The file, one request per document.
    pub file: Option<PathBuf>,
    /// What was typed.
    pub request: CreateRequest,
}

/// Allocates networks from the private super network of a partition.
#[derive(Clone, Debug)]
pub struct Allocate {
    /// The file, one request per document.
    pub file: Option<PathBuf>,
    /// What was typed.
    pub request: AllocateRequest,
}

/// Lists networks.
#[derive(Clone, Debug)]
pub struct List {
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those of this partition.
    pub partition: Option<String>,
}

/// Shows one network.
#[derive(Clone, Debug)]
pub struct Describe {
    /// Its id.
    pub id: String,
}

/// Deletes networks; allocated ones go back to where they are from.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Their ids.
    pub ids: Vec<String>,
}

fn named(id: &mut String) {
    if id.is_empty() {
        *id = Uuid::new_v4().to_string();
    }
}

impl Action for Create {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let requests = sourced(self.file.as_ref(), &self.request)?;
        let made = transact_each(store, requests, |steps, request| {
            named(&mut request.id);
            network::create(steps, &Known::default(), request)
        })?;
        show(context, store, &made, format)
    }
}

impl Action for Allocate {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let requests = sourced(self.file.as_ref(), &self.request)?;
        let made = transact_each(store, requests, |steps, request| {
            named(&mut request.id);
            network::allocate(steps, &Known::default(), request)
        })?;
        show(context, store, &made, format)
    }
}

/// Shows what was made, as `describe` does: one document per network.
fn show(
    context: &Context,
    store: &mut Store,
    made: &[Network],
    format: Format,
) -> Result<Exit, Failure> {
    let state = store.read().map_err(unusable)?;
    let views: Vec<NetworkView> = made
        .iter()
        .map(|network| NetworkView::of(state, network))
        .collect();
    documents(context, &views, format)
}

impl Action for List {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let state = store.read().map_err(unusable)?;
        let all = view::networks(state, |network| {
            is(&self.project, &network.project_id) && is(&self.partition, &network.partition_id)
        });
        context
            .ui
            .report(format, &all, |all| table::networks(all))?;
        Ok(Exit::Success)
    }
}

impl Action for Describe {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let state = store.read().map_err(unusable)?;
        let Some(network) = state.networks().get(&self.id) else {
            let error = NetworkError::NetworkUnknown {
                id: self.id.clone(),
            };
            return Err(input::Refused::from(error).into());
        };
        let view = NetworkView::of(state, network);
        context.ui.report(format, &view, yaml::emit)?;
        Ok(Exit::Success)
    }
}

impl Action for Delete {
    fn run(&self, context: &Context, store: &mut Store, format: Format) -> Result<Exit, Failure> {
        let gone = transact(store, |steps| {
            self.ids
                .iter()
                .map(|id| Ok(network::delete(steps, id)?))
                .collect::<Result<Vec<Network>, input::Refused>>()
        })?;
        let ids: Vec<&str> = gone.iter().map(|network| network.id.as_str()).collect();
        context
            .ui
            .report(format, &ids, |ids| format!("{}\n", ids.join("\n")))?;
        Ok(Exit::Success)
    }
}
