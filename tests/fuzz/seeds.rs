//! Writes the inputs that fuzzing starts from into `DIR/TARGET/`, one file each, out of the test
//! vectors: `cargo run --example fuzz-seeds -- DIR`.

use std::{fs, io, path::Path};

use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");

/// Files that name images, one of each kind that the vectors do not have.
const FILES: [&str; 5] = [
    "images:\n- source: alpine\n  destination: m.io/3rd/alpine\n  tags:\n  - 3.24.1\n",
    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: &a alpine:3 # c\n  - {image: *a}\n",
    "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- image: kindest/node:v1\n",
    "# mine\nalpine:3\n[::1]:5000/a # b\n",
    "version = 3\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\nsandbox = 'a/b:1'\n",
];

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        return Err(io::Error::other("say the folder to write to"));
    };
    let folder = Path::new(&folder);
    write(&folder.join("manifests"), manifests()?)?;
    let autov6 = read("autov6")?;
    let values: Vec<String> = autov6["vectors"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|vector| texts(&vector["input"]))
        .collect();
    write(&folder.join("cidr"), values.clone())?;
    write(&folder.join("autov6"), values)?;
    let images = read("image-refs")?;
    let images = images["vectors"].as_array().into_iter().flatten();
    let images = images.flat_map(|entry| texts(&entry["input"]));
    write(&folder.join("image_ref"), images)?;
    let vectors = read("imagevector")?;
    let vectors = vectors["vectors"].as_array().into_iter().flatten();
    let files = vectors.flat_map(|vector| {
        let texts = ["vector", "overwrite", "components", "constraint"];
        texts.map(|key| vector[key].as_str().map(str::to_owned))
    });
    let files: Vec<String> = files.flatten().chain(FILES.map(str::to_owned)).collect();
    write(&folder.join("image_files"), files)?;
    let kind = read("kind")?;
    let kind = kind["vectors"].as_array().into_iter().flatten();
    write(&folder.join("doctor"), hosts()?)?;
    write(
        &folder.join("kind_config"),
        kind.map(|vector| vector["in"].to_string()),
    )
}

fn read(name: &str) -> io::Result<Value> {
    let text = fs::read_to_string(format!("{VECTORS}/{name}.yaml"))?;
    serde_yaml::from_str(&text).map_err(io::Error::other)
}

/// The manifests of the vectors; an update is the old document and then the new one.
fn manifests() -> io::Result<Vec<String>> {
    let content = read("gardener-validation")?;
    let lists = ["vectors", "outlook", "defaulting"];
    let vectors = lists
        .iter()
        .flat_map(|list| content[list].as_array().into_iter().flatten());
    Ok(vectors
        .map(|vector| {
            let baselines = &content["baselines"];
            let baseline = &baselines[vector["kind"].as_str().unwrap_or_default()];
            let seed = (&baselines["Seed"], &vector["context"]["seed"]);
            let patches = [
                seed,
                (baseline, &vector["old"]),
                (baseline, &vector["new"]),
                (baseline, &vector["in"]),
            ];
            let documents = patches.into_iter().filter(|(_, patch)| !patch.is_null());
            let documents = documents.map(|(baseline, patch)| {
                let mut document = baseline.clone();
                json_patch::merge(&mut document, patch);
                document.to_string()
            });
            documents.collect::<Vec<_>>().join("\n---\n")
        })
        .collect())
}

/// The snapshots of the doctor's hosts, and the texts in them.
fn hosts() -> io::Result<Vec<String>> {
    let content = read("doctor-hosts")?;
    let hosts = garden6::doctor::facts::hosts::all(&content).map_err(io::Error::other)?;
    let mut seeds = Vec::new();
    for host in hosts {
        let facts = host.facts().map_err(io::Error::other)?;
        seeds.push(serde_yaml::to_string(&facts).map_err(io::Error::other)?);
        seeds.extend(texts(&host.entry["host"]["files"]));
        seeds.extend(texts(&host.entry["host"]["cmd"]));
    }
    Ok(seeds)
}

/// All texts inside a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn write(folder: &Path, inputs: impl IntoIterator<Item = String>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, input) in inputs.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), input)?;
    }
    Ok(())
}
