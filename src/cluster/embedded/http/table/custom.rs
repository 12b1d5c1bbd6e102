//! Rows of custom kinds: the printer columns of the definition, read by JSONPath.

use jiff::Timestamp;
use serde_json::Value;

use super::age;
use crate::cluster::embedded::jsonpath::{self, JsonPath};
use crate::cluster::embedded::kinds::Column;

/// One printer column with its path parsed.
#[derive(Debug)]
pub(super) struct PrinterColumn {
    column_type: String,
    path: Option<JsonPath>,
}

impl PrinterColumn {
    pub(super) fn new(column: &Column) -> Self {
        Self {
            column_type: column.column_type.clone(),
            path: JsonPath::parse(&column.json_path).ok(),
        }
    }

    /// The cell of an object: null when the path matches nothing.
    pub(super) fn cell(&self, object: &Value, now: Timestamp) -> Value {
        let found = self.path.as_ref().and_then(|path| path.first(object));
        let Some(found) = found.filter(|value| !value.is_null()) else {
            return Value::Null;
        };
        match self.column_type.as_str() {
            "string" => Value::String(jsonpath::printed(found)),
            "date" => Value::String(age::since(Some(found), now)),
            "integer" => match found.as_f64() {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a number column of type integer drops the fraction, as upstream does"
                )]
                Some(number) => found.as_i64().unwrap_or(number as i64).into(),
                None => Value::Null,
            },
            "number" if found.is_number() => found.clone(),
            "boolean" if found.is_boolean() => found.clone(),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_has_the_type_of_its_column() {
        let now = "2026-01-01T00:01:00Z".parse().unwrap();
        let object = json!({"a": {"n": 3, "f": 2.5, "b": true, "s": "x", "o": {"k": 1},
            "t": "2026-01-01T00:00:00Z"}});
        for (column_type, path, expected) in [
            ("string", ".a.s", json!("x")),
            ("string", ".a.n", json!("3")),
            ("string", ".a.o", json!("{\"k\":1}")),
            ("integer", ".a.n", json!(3)),
            ("integer", ".a.f", json!(2)),
            ("number", ".a.f", json!(2.5)),
            ("boolean", ".a.b", json!(true)),
            ("boolean", ".a.s", Value::Null),
            ("date", ".a.t", json!("60s")),
            ("date", ".a.nothing", Value::Null),
        ] {
            let column = PrinterColumn::new(&Column {
                name: "X".to_owned(),
                column_type: column_type.to_owned(),
                format: String::new(),
                description: String::new(),
                priority: 0,
                json_path: path.to_owned(),
            });
            assert_eq!(column.cell(&object, now), expected, "{column_type} {path}");
        }
    }
}
