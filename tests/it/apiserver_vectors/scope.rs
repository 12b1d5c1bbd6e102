//! The placeholders of one vector.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The values behind `${name}`.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    values: BTreeMap<String, String>,
}

impl Scope {
    /// Names that no other vector has, and the collection paths of the file.
    pub(super) fn new(index: usize, paths: &Value) -> Self {
        let random: String = uuid::Uuid::new_v4()
            .simple()
            .to_string()
            .chars()
            .take(8)
            .collect();
        let suffix = format!("{index}x{random}");
        let mut values = BTreeMap::from([
            ("ns".to_owned(), format!("v{suffix}")),
            ("ns2".to_owned(), format!("w{suffix}")),
            ("rand".to_owned(), suffix),
        ]);
        let mut scope = Self {
            values: values.clone(),
        };
        for (name, path) in paths.as_object().into_iter().flatten() {
            values.insert(name.clone(), scope.fill(path.as_str().unwrap_or_default()));
        }
        scope.values = values;
        scope
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Fills in the placeholders of a text.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.values {
            filled = filled.replace(&format!("${{{name}}}"), value);
        }
        filled
    }

    /// Fills in the placeholders of every text of a document, keys included.
    pub(super) fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_all(item)).collect(),
            Value::Object(fields) => {
                let filled: Map<String, Value> = fields
                    .iter()
                    .map(|(key, value)| (self.fill(key), self.fill_all(value)))
                    .collect();
                Value::Object(filled)
            }
            other => other.clone(),
        }
    }
}
