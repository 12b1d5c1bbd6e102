//! Requests from YAML, with the place of what is wrong in them.

use std::{fs, io, path::Path};

use serde::de::DeserializeOwned;

use super::refused;
use crate::{
    failure::Failure,
    fsutil::FileError,
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
    pub(super) const fn typed(request: T) -> Self {
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

/// Reads the requests of a file, one per document; `-` is standard input.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<Sourced<T>>, Failure> {
    let (name, text) = if path.as_os_str() == "-" {
        let text = io::read_to_string(io::stdin())
            .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
        ("stdin".to_owned(), text)
    } else {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::usage(FileError::new("read", path, error)))?;
        (path.display().to_string(), text)
    };
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
