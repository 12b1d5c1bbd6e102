//! Vectors of image references: parsing, names of copies, hosts, containerd's folders.

use garden6::mirror::{
    ImageRef,
    naming::{containerd_folders, host_of, is_better_copied, mirrored_as},
};
use serde_json::{Value, json};

use super::Case;

type Verdict = Result<(), String>;

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    let mut cases = Vec::new();
    for (section, entries) in content.as_object().into_iter().flatten() {
        match section.as_str() {
            "version" | "naming" => {}
            "policy" => cases.extend(policy(entries)),
            _ => {
                for (index, entry) in entries.as_array().into_iter().flatten().enumerate() {
                    let (id, verdict) = match section.as_str() {
                        "vectors" => (text(entry, "input"), reference(entry)),
                        "endpoints" => (text(entry, "registry"), endpoint(entry)),
                        "containerd_host_dirs" => (text(entry, "registry"), folders(entry)),
                        "collisions" => (index.to_string(), collision(entry)),
                        _ => (index.to_string(), Err("unknown section".to_owned())),
                    };
                    cases.push(Case {
                        id: format!("{section} `{id}`"),
                        kind: None,
                        verdict,
                    });
                }
            }
        }
    }
    cases
}

fn text(entry: &Value, key: &str) -> String {
    entry[key].as_str().unwrap_or_default().to_owned()
}

fn equal(what: &str, found: &Value, wanted: &Value) -> Verdict {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what} is {found}, wanted {wanted}"))
    }
}

fn reference(entry: &Value) -> Verdict {
    let image = match (
        text(entry, "input").parse::<ImageRef>(),
        entry["valid"].as_bool(),
    ) {
        (Ok(image), Some(true)) => image,
        (Err(_), Some(false)) => return Ok(()),
        (Ok(image), _) => return Err(format!("taken as {image}")),
        (Err(error), _) => return Err(error.to_string()),
    };
    equal("registry", &json!(image.registry()), &entry["registry"])?;
    equal(
        "repository",
        &json!(image.repository()),
        &entry["repository"],
    )?;
    equal("tag", &json!(image.tag()), &entry["tag"])?;
    equal("digest", &json!(image.digest()), &entry["digest"])?;
    equal("copy", &json!(mirrored_as(&image)), &entry["mirrored_as"])?;
    let canonical = entry
        .get("canonical_registry")
        .unwrap_or(&entry["registry"]);
    equal(
        "canonical registry",
        &json!(image.canonical_registry()),
        canonical,
    )
}

fn endpoint(entry: &Value) -> Verdict {
    let found = host_of(&text(entry, "registry"));
    equal("host", &json!(found.host), &entry["host"])?;
    equal("scheme", &json!(found.scheme), &entry["scheme"])?;
    equal(
        "credential key",
        &json!(found.credential_key),
        &entry["credential_key"],
    )
}

fn folders(entry: &Value) -> Verdict {
    equal(
        "folders",
        &json!(containerd_folders(&text(entry, "registry"))),
        &entry["dirs"],
    )
}

/// All sources of one entry have the same copy.
fn collision(entry: &Value) -> Verdict {
    let copies = entry
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|source| source.parse().map(|image| mirrored_as(&image)))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|error| error.to_string())?;
    match copies.as_slice() {
        [first, rest @ ..] if rest.iter().all(|copy| copy == first) => Ok(()),
        copies => Err(format!("these differ: {copies:?}")),
    }
}

fn policy(policy: &Value) -> Vec<Case> {
    let wanted = [("needs_mirror", true), ("direct", false)];
    let mut cases = Vec::new();
    for (key, wanted) in wanted {
        for registry in policy[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let example = format!("{}/some/image", registry.replace('*', "europe"));
            let verdict = match example.parse() {
                Ok(image) if is_better_copied(&image) == wanted => Ok(()),
                Ok(_) => Err(format!("the answer is not {wanted}")),
                Err(error) => Err(error.to_string()),
            };
            cases.push(Case {
                id: format!("policy `{registry}`"),
                kind: None,
                verdict,
            });
        }
    }
    cases
}
