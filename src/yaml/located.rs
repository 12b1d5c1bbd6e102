//! YAML and JSON with the place of every field, read as `kubectl` reads it.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Map, Value};

use super::{YamlError, scalar};

/// The most nodes that the aliases of one text may stand for: a text must not blow up memory.
const MOST_ALIASED: usize = 1_000_000;

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// How many characters of the line are meant.
    pub length: usize,
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        let one_line = span.start.line() == span.end.line();
        Self {
            line: span.start.line(),
            column: span.start.col() + 1,
            length: if one_line {
                span.end.col().saturating_sub(span.start.col())
            } else {
                1
            },
        }
    }
}

/// One document, with the place of every field.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// The content.
    pub value: Value,
    /// Where the content is.
    pub node: Node,
    /// Paths of fields that are given twice, with the place of the second time.
    pub duplicates: Vec<(String, Place)>,
}

/// A value in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    place: Place,
    content: Content,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Leaf,
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: String,
    place: Place,
    node: Node,
}

impl Node {
    /// The place of the value at a path such as `spec.networking.ipFamilies[1]`: of the value
    /// itself if it is a plain one, of its key if it is not. Where the path ends early, the place
    /// of the last parent that exists.
    pub fn find(&self, path: &str) -> Place {
        self.descend(path, self.place)
    }

    /// The value at an index of a list, if there is one.
    pub fn item(&self, key: &str, index: usize) -> Option<&Self> {
        let Content::Map(entries) = &self.content else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        let Content::List(items) = &entry.node.content else {
            return None;
        };
        items.get(index)
    }

    fn descend(&self, path: &str, label: Place) -> Place {
        let path = path.strip_prefix('.').unwrap_or(path);
        match &self.content {
            Content::Leaf if path.is_empty() && self.place.length > 0 => self.place,
            Content::Leaf => label,
            Content::List(items) => {
                let index = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let item = index.and_then(|(number, rest)| {
                    let item = items.get(number.parse::<usize>().ok()?)?;
                    Some(item.descend(rest, item.place))
                });
                item.unwrap_or(label)
            }
            Content::Map(entries) => {
                // Keys may hold dots, so the longest that fits is meant.
                let fits = |entry: &&Entry| {
                    path.strip_prefix(entry.key.as_str()).is_some_and(|rest| {
                        rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
                    })
                };
                let best = entries
                    .iter()
                    .filter(fits)
                    .max_by_key(|entry| entry.key.len());
                best.map_or(label, |entry| {
                    entry.node.descend(&path[entry.key.len()..], entry.place)
                })
            }
        }
    }
}

/// Reads all documents of a text. What comes before an error is answered, too; after it nothing
/// can be told apart any more.
pub fn located(text: &str, origin: &str) -> (Vec<Located>, Option<YamlError>) {
    let options = granit_parser::options! { emit_comments: false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        events: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        path: Vec::new(),
        duplicates: Vec::new(),
        aliased: 0,
    };
    let mut documents = Vec::new();
    loop {
        match reader.document() {
            Ok(Some(document)) if document.value.is_null() => {}
            Ok(Some(document)) => documents.push(document),
            Ok(None) => return (documents, None),
            Err(fault) => {
                let error = YamlError {
                    origin: origin.to_owned(),
                    position: Some((fault.place.line, fault.place.column)),
                    message: fault.message,
                };
                return (documents, Some(error));
            }
        }
    }
}

struct Fault {
    place: Place,
    message: String,
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        let marker = error.marker();
        Self {
            place: Place {
                line: marker.line(),
                column: marker.col() + 1,
                length: 1,
            },
            message: error.info(),
        }
    }
}

enum Step {
    Key(String),
    Index(usize),
}

struct Reader<I> {
    events: I,
    anchors: HashMap<usize, (Value, usize)>,
    path: Vec<Step>,
    duplicates: Vec<(String, Place)>,
    aliased: usize,
}

impl<'text, I> Reader<I>
where
    I: Iterator<Item = Result<(Event<'text>, Span), ScanError>>,
{
    fn document(&mut self) -> Result<Option<Located>, Fault> {
        loop {
            let Some(event) = self.events.next() else {
                return Ok(None);
            };
            match event? {
                (Event::StreamEnd, _) => return Ok(None),
                (event, span) if event.is_node() => {
                    self.duplicates.clear();
                    let (value, node, _) = self.node(event, span)?;
                    let duplicates = std::mem::take(&mut self.duplicates);
                    self.anchors.clear();
                    return Ok(Some(Located {
                        value,
                        node,
                        duplicates,
                    }));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Fault> {
        self.events.next().map_or_else(
            || {
                Err(Fault {
                    place: Place::default(),
                    message: "the text ends too early".to_owned(),
                })
            },
            |event| event.map_err(Fault::from),
        )
    }

    /// The value, its place, and of how many nodes it is made.
    fn node(&mut self, event: Event<'text>, span: Span) -> Result<(Value, Node, usize), Fault> {
        let place = Place::from(span);
        let leaf = Node {
            place,
            content: Content::Leaf,
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().and_then(|tag| tag.core_suffix());
                let value = match (style, tag) {
                    (ScalarStyle::Plain, Some("str" | "binary")) => text.as_ref().into(),
                    (ScalarStyle::Plain, _) | (_, Some("int" | "float" | "bool" | "null")) => {
                        scalar::plain(&text)
                    }
                    _ => text.as_ref().into(),
                };
                self.remember(anchor, &value, 1);
                Ok((value, leaf, 1))
            }
            Event::Alias(anchor) => {
                let (value, size) = self.anchors.get(&anchor).cloned().ok_or_else(|| Fault {
                    place,
                    message: "the alias stands inside what it stands for".to_owned(),
                })?;
                self.aliased += size;
                if self.aliased > MOST_ALIASED {
                    return Err(Fault {
                        place,
                        message: format!("aliases stand for more than {MOST_ALIASED} values"),
                    });
                }
                Ok((value, leaf, size))
            }
            Event::SequenceStart(_, anchor, _) => self.list(anchor, place),
            Event::MappingStart(_, anchor, _) => self.map(anchor, place),
            other => Err(Fault {
                place,
                message: format!("unexpected {other:?}"),
            }),
        }
    }

    fn list(&mut self, anchor: usize, place: Place) -> Result<(Value, Node, usize), Fault> {
        let (mut values, mut nodes, mut total) = (Vec::new(), Vec::new(), 1);
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                break;
            }
            self.path.push(Step::Index(values.len()));
            let (value, node, size) = self.node(event, span)?;
            self.path.pop();
            values.push(value);
            nodes.push(node);
            total += size;
        }
        let value = Value::Array(values);
        self.remember(anchor, &value, total);
        let content = Content::List(nodes);
        Ok((value, Node { place, content }, total))
    }

    fn map(&mut self, anchor: usize, place: Place) -> Result<(Value, Node, usize), Fault> {
        let (mut values, mut entries, mut total) = (Map::new(), Vec::new(), 1);
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_place = Place::from(span);
            let (key, merges) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => {
                    let merges = style == ScalarStyle::Plain && text == "<<";
                    (text.into_owned(), merges)
                }
                _ => {
                    return Err(Fault {
                        place: key_place,
                        message: "the name of a field must be text".to_owned(),
                    });
                }
            };
            let (event, span) = self.next()?;
            self.path.push(Step::Key(key.clone()));
            let (value, node, size) = self.node(event, span)?;
            total += size;
            if merges {
                merged.push(value);
            } else {
                if values.contains_key(&key) {
                    self.duplicates.push((path(&self.path), key_place));
                }
                values.insert(key.clone(), value);
                entries.push(Entry {
                    key,
                    place: key_place,
                    node,
                });
            }
            self.path.pop();
        }
        for value in merged {
            merge(&mut values, value);
        }
        let value = Value::Object(values);
        self.remember(anchor, &value, total);
        let content = Content::Map(entries);
        Ok((value, Node { place, content }, total))
    }

    fn remember(&mut self, anchor: usize, value: &Value, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
    }
}

/// The merge key of YAML 1.1: fields that are not given come from elsewhere.
fn merge(values: &mut Map<String, Value>, from: Value) {
    match from {
        Value::Object(map) => {
            for (key, value) in map {
                values.entry(key).or_insert(value);
            }
        }
        Value::Array(list) => {
            for item in list {
                merge(values, item);
            }
        }
        _ => {}
    }
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Step::Index(index) => {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
            }
        }
    }
    path
}

#[cfg(test)]
mod tests;
