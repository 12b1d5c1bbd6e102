//! `garden6 images parse`: what references mean.

use serde_json::{Value, json};

use crate::{
    commands::Context,
    exit::Exit,
    failure::Failure,
    mirror::{ImageRef, ReferenceError, naming},
    ui::Format,
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The references, as typed.
    pub references: Vec<String>,
    /// The shape of the result.
    pub format: Format,
}

/// Says what every reference means.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let parsed: Vec<(&str, Result<ImageRef, ReferenceError>)> = request
        .references
        .iter()
        .map(|text| (text.as_str(), text.parse()))
        .collect();
    let values: Vec<Value> = parsed
        .iter()
        .map(|(text, outcome)| value(text, outcome))
        .collect();
    // One reference is one object.
    let report = match values.as_slice() {
        [one] => one.clone(),
        _ => Value::Array(values),
    };
    context.ui.report(request.format, &report, |_| {
        let good = parsed
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok());
        good.map(text).collect::<Vec<_>>().join("\n")
    })?;
    let mut exit = Exit::Success;
    for (_, outcome) in &parsed {
        if let Err(error) = outcome {
            exit = Exit::Failure;
            if request.format == Format::Text {
                context
                    .ui
                    .say(&format!("{} {error}", context.ui.style().bad("error:")));
            }
        }
    }
    Ok(exit)
}

fn value(text: &str, outcome: &Result<ImageRef, ReferenceError>) -> Value {
    match outcome {
        Ok(image) => {
            let host = naming::host_of(&image.canonical_registry());
            json!({
                "input": text,
                "valid": true,
                "reference": image.to_string(),
                "registry": image.registry(),
                "repository": image.repository(),
                "tag": image.tag(),
                "digest": image.digest(),
                "canonicalRegistry": image.canonical_registry(),
                "mirroredAs": naming::mirrored_as(image),
                "betterCopied": naming::is_better_copied(image),
                "host": host.host,
                "scheme": host.scheme,
                "credentialKey": host.credential_key,
            })
        }
        Err(error) => json!({"input": text, "valid": false, "error": chain(error)}),
    }
}

/// The error with its cause.
fn chain(error: &ReferenceError) -> String {
    use std::error::Error as _;

    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn text(image: &ImageRef) -> String {
    let host = naming::host_of(&image.canonical_registry());
    let digest = image.digest().map(ToString::to_string);
    let mut lines = vec![
        image.to_string(),
        format!("  registry     {}", image.canonical_registry()),
        format!("  repository   {}", image.repository()),
    ];
    let facts = [("tag", image.tag()), ("digest", digest.as_deref())];
    for (name, fact) in facts {
        lines.extend(fact.map(|fact| format!("  {name:<12} {fact}")));
    }
    lines.push(format!("  asked at     {}://{}", host.scheme, host.host));
    lines.push(format!("  copied as    {}\n", naming::mirrored_as(image)));
    lines.join("\n")
}
