//! The hosts of the vectors, for tests about all of them.

use std::sync::LazyLock;

use garden6::doctor::{Facts, facts::hosts};
use serde_json::Value;

fn document() -> Value {
    let text = include_str!("../../vectors/doctor-hosts.yaml");
    serde_yaml::from_str(text).expect("the vectors are YAML")
}

/// All hosts by name.
pub(super) fn all() -> &'static [(String, Facts)] {
    static ALL: LazyLock<Vec<(String, Facts)>> = LazyLock::new(|| {
        let hosts = hosts::all(&document()).expect("hosts extend what is there");
        let facts = hosts.into_iter().map(|host| {
            let facts = host.facts().expect("hosts have the form of facts");
            (host.id, facts)
        });
        facts.collect()
    });
    &ALL
}

/// One host.
pub(super) fn host(id: &str) -> Facts {
    let mut hosts = all().iter();
    let found = hosts.find(|(name, _)| name == id);
    found.expect("the host is there").1.clone()
}

/// Contents of files and answers of programs of the base hosts.
pub(super) fn texts() -> Vec<String> {
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::String(text) => texts.push(text.clone()),
            Value::Object(map) => map.values().for_each(|value| collect(value, texts)),
            _ => {}
        }
    }
    let document = document();
    let mut texts = Vec::new();
    for base in ["linux", "wsl", "macos"] {
        for section in ["files", "cmd"] {
            collect(&document["bases"][base]["host"][section], &mut texts);
        }
    }
    texts
}
