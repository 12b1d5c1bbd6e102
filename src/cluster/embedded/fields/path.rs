//! One step of a field path.

use std::fmt;

use serde_json::{Map, Value};

/// A member of a map or an item of a list.
///
/// Keys and values are kept as canonical JSON text, so that steps compare and sort cheaply. The
/// order of the variants is the order in which upstream writes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathElement {
    /// A member of a map.
    Field(String),
    /// An item of a keyed list, named by its identifying members: `{"name":"x"}`.
    Key(String),
    /// An item of a set, named by its value.
    Value(String),
    /// An item of a list, named by its position.
    Index(usize),
}

impl PathElement {
    /// Names an item by its identifying members.
    pub fn key(members: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut members: Vec<_> = members.into_iter().collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self::Key(Value::Object(members.into_iter().collect::<Map<_, _>>()).to_string())
    }

    /// Reads the form used in `fieldsV1`: `f:name`, `k:{…}`, `v:…` or `i:0`.
    pub fn decode(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "f" => Some(Self::Field(rest.to_owned())),
            "k" => {
                let members: Map<String, Value> = serde_json::from_str(rest).ok()?;
                Some(Self::key(members))
            }
            "v" => {
                let value: Value = serde_json::from_str(rest).ok()?;
                Some(Self::Value(value.to_string()))
            }
            "i" => rest.parse().ok().map(Self::Index),
            _ => None,
        }
    }

    /// Writes the form used in `fieldsV1`.
    pub fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(members) => format!("k:{members}"),
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
        }
    }
}

impl fmt::Display for PathElement {
    /// Writes the form used in messages: `.name`, `[name="x"]`, `[="x"]` or `[0]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Key(members) => {
                let members: Map<String, Value> = serde_json::from_str(members).unwrap_or_default();
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                write!(f, "[{}]", members.join(","))
            }
            Self::Value(value) => write!(f, "[={value}]"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Writes a whole path for messages.
pub(super) fn display(path: &[PathElement]) -> String {
    path.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_round_trip_and_read_well() {
        let cases = [
            ("f:spec", ".spec"),
            (r#"k:{"name":"w","port":80}"#, r#"[name="w",port=80]"#),
            (r#"v:"a/b""#, r#"[="a/b"]"#),
            ("i:3", "[3]"),
            ("f:a:b", ".a:b"),
        ];
        for (text, shown) in cases {
            let step = PathElement::decode(text).unwrap();
            assert_eq!(step.encode(), text);
            assert_eq!(step.to_string(), shown);
        }
        for text in ["", "x:y", "k:[]", "v:", "i:x"] {
            assert_eq!(PathElement::decode(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_canonical() {
        let members = [
            ("port".to_owned(), json!(80)),
            ("name".to_owned(), json!("w")),
        ];
        assert_eq!(
            PathElement::key(members).encode(),
            r#"k:{"name":"w","port":80}"#
        );
    }
}
