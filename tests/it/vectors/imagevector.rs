//! Vectors of image vectors: reading, merging, looking up, constraints.

use garden6::mirror::{
    document::FilePlace,
    vector::{
        AskedVersion, CaBundle, ImageSource, ImageVector, Question, VersionConstraint, merge,
        normalized, read, read_components,
    },
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Case;

/// What a vector finds, or that it was refused.
type Found = Result<Value, String>;

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    content["vectors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|vector| {
            let kind = vector["kind"].as_str().unwrap_or_default();
            let found: Option<Found> = match kind {
                "read" => Some(base(vector).map(|vector| listing(&vector))),
                "merge" => Some(merged(vector).map(|vector| listing(&vector))),
                "find" => Some(found(vector)),
                "components" => Some(components(vector)),
                "constraint" => Some(constraint(vector)),
                "normalize" => Some(Ok(
                    json!({"normalized": normalized(&text(vector, "version"))}),
                )),
                _ => None,
            };
            Case {
                id: text(vector, "id"),
                kind: Some(format!("kind: {kind}")),
                verdict: match found {
                    Some(found) => compare(&vector["expect"], found),
                    None => Err(format!("unknown kind `{kind}`")),
                },
            }
        })
        .collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn optional(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

/// Every wanted fact must be found; a fact nobody knows is an error, not a match.
fn compare(want: &Value, found: Found) -> Result<(), String> {
    let refusal = want["error"] == true;
    let found = match (found, refusal) {
        (Err(_), true) => return Ok(()),
        (Err(error), false) => return Err(format!("refused: {error}")),
        (Ok(found), true) => return Err(format!("should be refused, gave {found}")),
        (Ok(found), false) => found,
    };
    for (key, wanted) in want.as_object().into_iter().flatten() {
        match found.get(key) {
            None => return Err(format!("`{key}` is not a known fact")),
            Some(value) if value == wanted => {}
            Some(value) => return Err(format!("`{key}` is {value}, wanted {wanted}")),
        }
    }
    Ok(())
}

fn base(vector: &Value) -> Result<ImageVector, String> {
    read(&text(vector, "vector"), "vector", Timestamp::now()).map_err(|error| error.to_string())
}

fn merged(vector: &Value) -> Result<ImageVector, String> {
    let base = base(vector)?;
    let Some(overwrite) = vector["overwrite"].as_str() else {
        return Ok(base);
    };
    let overwrite = read(overwrite, "overwrite", Timestamp::now());
    Ok(merge(base, overwrite.map_err(|error| error.to_string())?))
}

/// The entries with the fields that they have.
fn listing(vector: &ImageVector) -> Value {
    let images: Vec<Value> = vector.images.iter().map(entry).collect();
    let bundle = vector.ca_bundle.as_ref();
    let bundle = bundle.map(|CaBundle { inline }| json!({ "inline": inline }));
    json!({"images": images, "caBundle": bundle})
}

fn entry(source: &ImageSource) -> Value {
    let constraint = |constraint: &Option<VersionConstraint>| {
        constraint
            .as_ref()
            .map(|constraint| json!(constraint.text()))
    };
    let ImageSource {
        name,
        reference,
        repository,
        tag,
        version,
        runtime_version,
        target_version,
        architectures,
        place: FilePlace { .. },
    } = source;
    let fields = [
        ("name", Some(json!(name))),
        ("ref", reference.as_ref().map(|text| json!(text))),
        ("repository", repository.as_ref().map(|text| json!(text))),
        ("tag", tag.as_ref().map(|text| json!(text))),
        ("version", version.as_ref().map(|text| json!(text))),
        ("runtimeVersion", constraint(runtime_version)),
        ("targetVersion", constraint(target_version)),
        (
            "architectures",
            architectures.as_ref().map(|list| json!(list)),
        ),
    ];
    let given = fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

fn found(vector: &Value) -> Found {
    let asked = &vector["find"];
    let known = [
        "name",
        "runtimeVersion",
        "targetVersion",
        "architecture",
        "optionalTag",
    ];
    if let Some(key) = asked
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .find(|key| !known.contains(&key.as_str()))
    {
        panic!("a question has `{key}`, which nobody knows");
    }
    let question = Question {
        runtime_version: optional(asked, "runtimeVersion"),
        target_version: optional(asked, "targetVersion"),
        architecture: optional(asked, "architecture"),
    };
    let image = merged(vector)?
        .find(&text(asked, "name"), &question)
        .map_err(|error| error.to_string())?;
    let image = match optional(asked, "optionalTag") {
        Some(tag) => image.with_optional_tag(&tag),
        None => image,
    };
    let mut value = serde_json::to_value(&image).map_err(|error| error.to_string())?;
    value["string"] = json!(image.to_string());
    Ok(value)
}

fn components(vector: &Value) -> Found {
    let texts = read_components(&text(vector, "components"), "components", Timestamp::now());
    texts
        .map(|texts| json!({ "components": texts }))
        .map_err(|error| error.to_string())
}

fn constraint(vector: &Value) -> Found {
    let constraint: VersionConstraint = text(vector, "constraint")
        .parse()
        .map_err(|error| format!("{error}"))?;
    let version =
        AskedVersion::read(&text(vector, "version")).map_err(|error| error.to_string())?;
    let matches = constraint.matches(version);
    let score = if matches { constraint.points() } else { 0 };
    Ok(json!({"match": matches, "score": score}))
}
