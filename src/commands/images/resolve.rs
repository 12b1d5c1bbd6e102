//! `garden6 images resolve`: which image a component gets.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::vector::{Overwrites, load};
use crate::{
    commands::Context,
    exit::Exit,
    failure::Failure,
    mirror::vector::{FindError, Image, Question},
    ui::{Format, Table},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The vector.
    pub vector: PathBuf,
    /// What is said instead of it.
    pub overwrites: Overwrites,
    /// The names to look up; all of the vector, where none is given.
    pub names: Vec<String>,
    /// What the images are for.
    pub question: Question,
    /// The tag of an image that has none.
    pub release: Option<String>,
    /// The shape of the result.
    pub format: Format,
}

/// Looks the images up.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let vector = load(context, &request.vector, &request.overwrites)?;
    let names: Vec<&str> = if request.names.is_empty() {
        vector.names()
    } else {
        request.names.iter().map(String::as_str).collect()
    };
    let found: Vec<(&str, Result<Image, FindError>)> = names
        .into_iter()
        .map(|name| {
            let image = vector.find(name, &request.question);
            let tagged = image.map(|image| match &request.release {
                Some(tag) => image.with_optional_tag(tag),
                None => image,
            });
            (name, tagged)
        })
        .collect();
    let values: Vec<Value> = found
        .iter()
        .map(|(name, outcome)| value(name, outcome))
        .collect();
    // One name is one object.
    let report = match values.as_slice() {
        [one] if request.names.len() == 1 => one.clone(),
        _ => json!({ "images": values }),
    };
    context.ui.report(request.format, &report, |_| {
        text(&found, request.names.len() == 1)
    })?;
    let mut exit = Exit::Success;
    for error in found
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().err())
    {
        exit = Exit::Failure;
        if request.format == Format::Text {
            context.ui.warn(&format!(
                "{} {}",
                context.ui.style().bad("error:"),
                chain(error)
            ));
        }
    }
    Ok(exit)
}

fn value(name: &str, outcome: &Result<Image, FindError>) -> Value {
    match outcome {
        Ok(image) => {
            let mut value = json!(image);
            value["string"] = json!(image.to_string());
            value["parsed"] = json!(image.to_string().parse::<crate::mirror::ImageRef>().is_ok());
            value
        }
        Err(error) => json!({"name": name, "error": chain(error)}),
    }
}

/// The error with its cause.
fn chain(error: &FindError) -> String {
    use std::error::Error as _;

    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// One image as it is pulled; several with their names.
fn text(found: &[(&str, Result<Image, FindError>)], alone: bool) -> String {
    let good = found
        .iter()
        .filter_map(|(name, outcome)| Some((*name, outcome.as_ref().ok()?)));
    if alone {
        let lines: Vec<String> = good.map(|(_, image)| format!("{image}\n")).collect();
        return lines.concat();
    }
    let mut table = Table::new(["NAME", "IMAGE"]);
    for (name, image) in good {
        table.row([name.to_owned(), image.to_string()]);
    }
    table.render()
}
