//! Rendering of objects as rows of a `meta.k8s.io/v1` `Table`.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::builtin;
use super::custom::PrinterColumn;
use super::layout::{Layout, Row};
use crate::cluster::embedded::engine::List;
use crate::cluster::embedded::http::query::IncludeObject;
use crate::cluster::embedded::http::shape::partial_metadata;
use crate::cluster::embedded::kinds::{Kind, Origin};

/// Makes the tables of one kind.
#[derive(Debug)]
pub(crate) struct Tables {
    kind: Arc<Kind>,
    rows: Rows,
    include: IncludeObject,
}

#[derive(Debug)]
enum Rows {
    BuiltIn(Layout),
    Custom(Vec<PrinterColumn>),
}

impl Tables {
    /// Prepares the tables of a kind; `include` says what each row carries of its object.
    pub(crate) fn new(kind: &Arc<Kind>, include: IncludeObject) -> Self {
        let rows = match kind.origin {
            Origin::BuiltIn => Rows::BuiltIn(builtin::layout(&kind.group, &kind.plural)),
            Origin::Custom if kind.columns.is_empty() => Rows::BuiltIn(builtin::PLAIN),
            Origin::Custom => Rows::Custom(kind.columns.iter().map(PrinterColumn::new).collect()),
        };
        Self {
            kind: Arc::clone(kind),
            rows,
            include,
        }
    }

    /// A table of one object.
    pub(crate) fn of_object(&self, object: &Value, now: Timestamp) -> Value {
        let version = object.pointer("/metadata/resourceVersion").cloned();
        let metadata = json!({"resourceVersion": version.unwrap_or_else(|| "".into())});
        table(&metadata, &self.definitions(), &[self.row(object, now)])
    }

    /// A table of one object in a watch, of which only the first defines the columns.
    pub(crate) fn of_event(&self, object: &Value, first: bool, now: Timestamp) -> Value {
        let mut table = self.of_object(object, now);
        if !first && let Some(definitions) = table.get_mut("columnDefinitions") {
            *definitions = Value::Null;
        }
        table
    }

    /// A table of a list, with the list's own metadata.
    pub(crate) fn of_list(&self, list: &List, metadata: &Value, now: Timestamp) -> Value {
        let rows: Vec<Value> = list
            .items
            .iter()
            .map(|object| self.row(object.value(), now))
            .collect();
        table(metadata, &self.definitions(), &rows)
    }

    fn definitions(&self) -> Value {
        let definition = |name: &str, kind: &str, format: &str, text: &str, priority: i32| {
            json!({
                "name": name,
                "type": kind,
                "format": format,
                "description": text,
                "priority": priority,
            })
        };
        let named = |name: &str, kind: &str, priority: i32| {
            let format = if name == "Name" { "name" } else { "" };
            definition(
                name,
                kind,
                format,
                &format!("{name} of the object."),
                priority,
            )
        };
        match &self.rows {
            Rows::BuiltIn(layout) => {
                let column = |column: &super::layout::Definition| {
                    named(column.name, column.column_type, column.priority)
                };
                Value::Array(layout.columns.iter().map(column).collect())
            }
            Rows::Custom(_) => {
                let mut definitions = vec![named("Name", "string", 0)];
                definitions.extend(self.kind.columns.iter().map(|column| {
                    definition(
                        &column.name,
                        &column.column_type,
                        &column.format,
                        &column.description,
                        column.priority,
                    )
                }));
                Value::Array(definitions)
            }
        }
    }

    fn row(&self, object: &Value, now: Timestamp) -> Value {
        let cells = match &self.rows {
            Rows::BuiltIn(layout) => (layout.cells)(&Row { object, now }),
            Rows::Custom(columns) => {
                let name = object
                    .pointer("/metadata/name")
                    .cloned()
                    .unwrap_or_default();
                let cells = columns.iter().map(|column| column.cell(object, now));
                std::iter::once(name).chain(cells).collect()
            }
        };
        let mut row = Map::new();
        row.insert("cells".to_owned(), Value::Array(cells));
        let object = match self.include {
            IncludeObject::None => Value::Null,
            IncludeObject::Metadata => partial_metadata(object),
            IncludeObject::Object => object.clone(),
        };
        row.insert("object".to_owned(), object);
        Value::Object(row)
    }
}

fn table(metadata: &Value, definitions: &Value, rows: &[Value]) -> Value {
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    })
}
