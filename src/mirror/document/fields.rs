//! A document read as Go's reader of upstream reads it: fields by name without regard to case,
//! numbers where texts are wanted.

use serde_json::{Map, Value};

use super::{Document, Fault, FilePlace, scalar};

/// A map inside a document, and its path.
pub(in crate::mirror) struct Fields<'d, 'a> {
    document: &'d Document<'a>,
    map: &'d Map<String, Value>,
    pub(in crate::mirror) path: String,
}

/// What is wrong, with places.
pub(in crate::mirror) type Faults = Vec<(FilePlace, Fault)>;

impl<'a> Document<'a> {
    /// The fields of the document; nothing where it is empty.
    pub(in crate::mirror) fn fields(&self, faults: &mut Faults) -> Option<Fields<'_, 'a>> {
        let value = self.value()?;
        if let Value::Object(map) = value {
            return Some(Fields {
                document: self,
                map,
                path: String::new(),
            });
        }
        let fault = Fault::Type {
            field: "the document".to_owned(),
            wanted: "a map",
        };
        faults.push((self.place(""), fault));
        None
    }
}

impl<'d> Fields<'d, '_> {
    /// The path of a field, spelt as it is in the file, and its value, if it has one.
    pub(in crate::mirror) fn get(&self, name: &str) -> (String, Option<&'d Value>) {
        // Where a name is spelt in several ways, upstream's reader sees them sorted, and the last one wins.
        let spelt = self
            .map
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let found = spelt.max_by(|left, right| left.0.cmp(right.0));
        let key = found.map_or(name, |(key, _)| key.as_str());
        let value = found
            .map(|(_, value)| value)
            .filter(|value| !value.is_null());
        (self.field(key), value)
    }

    /// The path of a field of that name.
    pub(in crate::mirror) fn field(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(in crate::mirror) fn place(&self, path: &str) -> FilePlace {
        self.document.place(path)
    }

    /// The text of a field, if it is given.
    pub(in crate::mirror) fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        let (path, value) = self.get(name);
        self.as_text(path, value?, faults)
    }

    fn as_text(&self, path: String, value: &Value, faults: &mut Faults) -> Option<String> {
        let text = scalar::text(value, self.document.raw(&path));
        if text.is_none() {
            self.mistyped(path, "a text", faults);
        }
        text
    }

    /// The texts of a list, if it is given.
    pub(in crate::mirror) fn texts(&self, name: &str, faults: &mut Faults) -> Option<Vec<String>> {
        let (path, value) = self.get(name);
        let Value::Array(items) = value? else {
            self.mistyped(path, "a list", faults);
            return None;
        };
        let texts = items.iter().enumerate().map(|(index, item)| match item {
            // Go leaves the zero value where nothing is.
            Value::Null => Some(String::new()),
            item => self.as_text(format!("{path}[{index}]"), item, faults),
        });
        Some(texts.collect::<Vec<_>>().into_iter().flatten().collect())
    }

    /// The map of a field, if it is given.
    pub(in crate::mirror) fn map(&self, name: &str, faults: &mut Faults) -> Option<Self> {
        let (path, value) = self.get(name);
        self.as_map(path, value?, faults)
    }

    /// The maps of a list; none where it is not given.
    pub(in crate::mirror) fn maps(&self, name: &str, faults: &mut Faults) -> Vec<Self> {
        let (path, value) = self.get(name);
        let Some(value) = value else {
            return Vec::new();
        };
        let Value::Array(items) = value else {
            self.mistyped(path, "a list", faults);
            return Vec::new();
        };
        let maps = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.as_map(format!("{path}[{index}]"), item, faults));
        maps.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn as_map(&self, path: String, value: &'d Value, faults: &mut Faults) -> Option<Self> {
        let Value::Object(map) = value else {
            self.mistyped(path, "a map", faults);
            return None;
        };
        Some(Self {
            document: self.document,
            map,
            path,
        })
    }

    fn mistyped(&self, field: String, wanted: &'static str, faults: &mut Faults) {
        let place = self.place(&field);
        faults.push((place, Fault::Type { field, wanted }));
    }
}
