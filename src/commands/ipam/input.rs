//! Requests from YAML, with the place of what is wrong in them.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::refused;
use crate::{
    commands::validate::input::{Text, text},
    failure::Failure,
    ipam::{engine::EngineError, network::NetworkError},
    yaml::{self, Node},
};

/// A request and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Sourced<T> {
    pub(super) request: T,
    /// The file and the places in it; nothing where the request was typed.
    source: Option<(String, Node)>,
}

/// A refusal, with the place of what is to blame.
#[derive(Debug)]
pub(super) struct Refused {
    error: NetworkError,
    text: String,
}

impl From<NetworkError> for Refused {
    fn from(error: NetworkError) -> Self {
        let text = error.to_string();
        Self { error, text }
    }
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        NetworkError::Engine(error).into()
    }
}

impl From<Refused> for Failure {
    fn from(refusal: Refused) -> Self {
        refused(&refusal.error, refusal.text)
    }
}

impl<T> Sourced<T> {
    /// A request that was typed.
    const fn typed(request: T) -> Self {
        Self {
            request,
            source: None,
        }
    }

    /// A refusal of this request: `FILE:LINE:COLUMN: FIELD: what is wrong`.
    pub(super) fn blame(&self, error: NetworkError) -> Refused {
        let Some((file, node)) = &self.source else {
            return error.into();
        };
        let field = error.field();
        let place = node.find(field.as_deref().unwrap_or_default());
        let (line, column) = (place.line, place.column);
        let field = field.map_or_else(String::new, |field| format!("{field}: "));
        let text = format!("{file}:{line}:{column}: {field}{error}");
        Refused { error, text }
    }
}

/// The requests of a file, or the one that was typed.
pub(super) fn sourced<T: Clone + DeserializeOwned>(
    file: Option<&PathBuf>,
    typed: &T,
) -> Result<Vec<Sourced<T>>, Failure> {
    match file {
        Some(path) => read(path),
        None => Ok(vec![Sourced::typed(typed.clone())]),
    }
}

/// Reads the requests of a file, one per document; `-` is standard input.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<Sourced<T>>, Failure> {
    let Text { name, text } = text(path)?;
    let (located, error) = yaml::located(&text, &name);
    if let Some(error) = error {
        return Err(Failure::usage(error));
    }
    let documents = yaml::documents(&text, &name).map_err(Failure::usage)?;
    let mut requests = Vec::new();
    for (document, located) in documents.iter().zip(located) {
        if let Some((field, place)) = located.duplicates.first() {
            let (line, column) = (place.line, place.column);
            let problem = format!("{name}:{line}:{column}: {field}: is given twice");
            return Err(Failure::usage(problem));
        }
        requests.push(Sourced {
            request: document.parse(&name).map_err(Failure::usage)?,
            source: Some((name.clone(), located.node)),
        });
    }
    if requests.is_empty() {
        return Err(Failure::usage(format!("{name} is empty")));
    }
    Ok(requests)
}
