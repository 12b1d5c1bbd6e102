//! `garden6 validate`: what an API server of the environment would answer to manifests, without
//! any server.

mod check;
pub(super) mod input;
mod json;
mod text;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Context;
use crate::{
    api::{core::Seed, validation::Rules},
    exit::Exit,
    failure::Failure,
    stack::admission::Judge,
    ui::{Format, Style},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The objects that are replaced.
    pub old: Option<PathBuf>,
    /// The Seed of Shoots.
    pub seed: Option<PathBuf>,
    /// The rule set.
    pub rules: Rules,
    /// Whether to tell as well what is accepted and cannot work.
    pub strict: bool,
    /// Shape of the result.
    pub format: Format,
}

/// Validates manifests.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let texts = input::texts(&request.paths)?;
    let manifests = input::Manifests::read(&texts);
    let olds = match &request.old {
        Some(path) => input::objects(path)?,
        None => Vec::new(),
    };
    let seeds = request.seed.as_deref().map(seeds).transpose()?;
    let judge = Judge::new(request.rules.clone());
    let report = check::Batch {
        judge: &judge,
        manifests: &manifests,
        olds: &olds,
        seeds: seeds.as_deref(),
        strict: request.strict,
    }
    .check();
    if !olds.is_empty() && report.updates == 0 {
        return Err(
            Failure::usage("`--old` holds nothing that a given object replaces")
                .hint("old and new object must have the same kind, namespace and name"),
        );
    }
    for line in report.notes(context.ui.style()) {
        context.ui.warn(&line);
    }
    if report.checked == 0 && report.entries.is_empty() {
        return Err(nothing_checked());
    }
    let style = context.ui.data_style();
    context
        .ui
        .report(request.format, &json::value(&report), |_| {
            text::render(&report, &texts, style)
        })?;
    if request.format == Format::Text {
        context.ui.say(&summary(&report, context.ui.style()));
    }
    Ok(if report.is_valid() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn seeds(path: &Path) -> Result<Vec<Seed>, Failure> {
    let objects = input::objects(path)?;
    let seeds: Vec<Seed> = objects
        .into_iter()
        .filter(|object| object["kind"] == "Seed")
        .map(|mut object| {
            // A Seed to look at needs no status and no order.
            if let Some(map) = object.as_object_mut() {
                map.shift_remove("status");
            }
            serde_json::from_value(object).map_err(|error| {
                Failure::usage(format!(
                    "the Seed in {} cannot be read: {error}",
                    path.display()
                ))
            })
        })
        .collect::<Result<_, _>>()?;
    if seeds.is_empty() {
        return Err(Failure::usage(format!("{} holds no Seed", path.display())));
    }
    Ok(seeds)
}

fn nothing_checked() -> Failure {
    let kinds: Vec<&str> = Judge::kinds()
        .iter()
        .map(|kind| kind.kind.as_str())
        .collect();
    Failure::usage("there is nothing to validate")
        .hint(format!("there are rules for {}", kinds.join(", ")))
}

fn summary(report: &check::Report, style: Style) -> String {
    let checked = text::count(report.checked, "object");
    if report.is_valid() {
        return format!("{checked} checked: {}", style.good("all valid"));
    }
    let findings = text::count(report.entries.len(), "error");
    format!(
        "{checked} checked: {} in {}",
        style.bad(findings),
        text::count(report.refused, "object")
    )
}

/// `Shoot garden-local/local`.
fn title(object: &Value) -> String {
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
    let kind = object["kind"].as_str().unwrap_or("object");
    let (name, generated) = (text("name"), text("generateName"));
    let name = if name.is_empty() { generated } else { name };
    match (text("namespace"), name) {
        (_, "") => kind.to_owned(),
        ("", name) => format!("{kind} {name}"),
        (namespace, name) => format!("{kind} {namespace}/{name}"),
    }
}
