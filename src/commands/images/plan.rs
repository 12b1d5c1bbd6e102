//! `garden6 images plan`: which source goes to which target, without asking any registry.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::sources::{SourceRequest, Sources};
use crate::{
    commands::Context,
    counted::counted,
    exit::Exit,
    failure::Failure,
    mirror::plan::{Draft, DraftSettings, WhyLeftOut},
    ui::{Format, Table},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files.
    pub sources: SourceRequest,
    /// What decides where copies go.
    pub settings: DraftSettings,
    /// The shape of the result.
    pub format: Format,
}

/// Plans, and says what speaks against it.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let sources = Sources::read(&request.sources)?;
    let draft = sources.draft(&request.settings)?;
    if draft.copies.is_empty() && draft.collisions.is_empty() && draft.left_out.is_empty() {
        sources.warn_of_open(context);
        return Err(Failure::new(
            Exit::NothingSelected,
            "the files name no image that could be copied",
        ));
    }
    let value = value(&sources, &draft, &request.settings);
    context
        .ui
        .report(request.format, &value, |_| text(&draft))?;
    if request.format == Format::Text {
        sources.warn_of_open(context);
        tell(context, &draft);
    }
    Ok(if draft.collisions.is_empty() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn value(sources: &Sources, draft: &Draft, settings: &DraftSettings) -> Value {
    let copies = draft.copies.iter().map(|copy| {
        json!({
            "source": copy.source.to_string(),
            "target": copy.target.to_string(),
            "platforms": copy.platforms,
            "why": copy.why,
        })
    });
    let files = sources
        .files
        .iter()
        .map(|(text, kind)| json!({"file": text.name, "kind": kind}));
    let open = sources
        .open
        .iter()
        .map(|open| json!({"name": open.name, "repository": open.repository, "why": open.origin}));
    let registries: BTreeMap<String, Value> = registries(draft)
        .into_iter()
        .map(|(registry, (repositories, tags))| {
            (
                registry,
                json!({"repositories": repositories, "tags": tags}),
            )
        })
        .collect();
    json!({
        "target": settings.target,
        "naming": settings.naming,
        "platforms": settings.platforms,
        "files": files.collect::<Vec<_>>(),
        "repositories": draft.repositories(),
        "tags": draft.copies.len(),
        "registries": registries,
        "copies": copies.collect::<Vec<_>>(),
        "collisions": draft.collisions,
        "open": open.collect::<Vec<_>>(),
        "leftOut": draft.left_out,
    })
}

/// Repositories and tags by source registry.
fn registries(draft: &Draft) -> BTreeMap<String, (usize, usize)> {
    let mut found: BTreeMap<String, (BTreeSet<&str>, usize)> = BTreeMap::new();
    for copy in &draft.copies {
        let (repositories, tags) = found.entry(copy.source.canonical_registry()).or_default();
        repositories.insert(copy.source.repository());
        *tags += 1;
    }
    found
        .into_iter()
        .map(|(registry, (repositories, tags))| (registry, (repositories.len(), tags)))
        .collect()
}

fn text(draft: &Draft) -> String {
    let mut table = Table::new(["SOURCE", "TARGET"]);
    for copy in &draft.copies {
        table.row([copy.source.to_string(), copy.target.to_string()]);
    }
    table.render()
}

/// Says in sentences what the table does not.
fn tell(context: &Context, draft: &Draft) {
    let style = context.ui.style();
    for collision in &draft.collisions {
        let shared = match collision.shared_tags.as_slice() {
            [] => "they share no tag yet".to_owned(),
            tags => format!("they share {}", tags.join(", ")),
        };
        context
            .ui
            .warn(&format!("{} {collision}; {shared}", style.bad("refused:")));
        for source in &collision.sources {
            for origin in source.why.iter().take(3) {
                context.ui.warn(&format!("  {}", style.dim(origin)));
            }
        }
    }
    if !draft.collisions.is_empty() {
        context.ui.warn(&format!(
            "{} `--naming full` gives every source a name of its own, `--exclude REGISTRY/REPOSITORY` leaves one out",
            style.hint("hint:")
        ));
    }
    let registries: Vec<String> = registries(draft)
        .into_iter()
        .map(|(registry, (repositories, tags))| format!("{registry} {repositories}/{tags}"))
        .collect();
    let mut summary = format!(
        "{}, {}",
        counted(draft.repositories(), "repository", "repositories"),
        counted(draft.copies.len(), "tag", "tags")
    );
    if !registries.is_empty() {
        summary = format!("{summary} ({})", registries.join(", "));
    }
    let count = |reason| {
        let left_out = draft.left_out.iter();
        left_out.filter(|one| one.reason == reason).count()
    };
    for (number, what) in [
        (count(WhyLeftOut::Filtered), "filtered out"),
        (count(WhyLeftOut::InPlace), "in place"),
        (draft.collisions.len(), "collisions refused"),
    ] {
        if number > 0 {
            summary = format!("{summary}, {number} {what}");
        }
    }
    context.ui.say(&summary);
}
