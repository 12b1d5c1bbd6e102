//! A reader of YAML 1.1: what `yes`, `0o7` or `1:2` mean is decided as the type repository of that version says
//! (<https://yaml.org/type/>). Texts that it takes for something that JSON has no word for come back marked.

use std::sync::LazyLock;

use granit_parser::{Event, Parser, ScalarStyle};
use regex::Regex;
use serde_json::{Map, Number, Value};

/// Reads all documents of a stream.
pub(super) fn read(text: &str) -> Vec<Value> {
    let mut events = Parser::new_from_str(text)
        .map(|event| event.expect("the stream is well-formed").0)
        .filter(|event| !matches!(event, Event::Comment(..)))
        .collect::<Vec<_>>()
        .into_iter();
    let mut documents = Vec::new();
    while let Some(event) = events.next() {
        if let Event::DocumentStart(..) = event {
            let first = events.next().expect("a document has a node");
            documents.push(node(first, &mut events));
        }
    }
    documents
}

fn node<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, _, tag) => {
            assert!(tag.is_none(), "nothing of ours has a tag");
            resolve(&text)
        }
        Event::Scalar(text, ..) => Value::from(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().expect("a sequence ends") {
                    Event::SequenceEnd => return Value::Array(items),
                    first => items.push(node(first, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            loop {
                let key = match events.next().expect("a mapping ends") {
                    Event::MappingEnd => return Value::Object(map),
                    first => node(first, events),
                };
                let key = match key {
                    Value::String(text) => text,
                    other => format!("!key {other}"),
                };
                let first = events.next().expect("a key has a value");
                let earlier = map.insert(key.clone(), node(first, events));
                assert!(earlier.is_none(), "{key} is there twice");
            }
        }
        other => panic!("nothing of ours has {other:?}"),
    }
}

struct Types {
    boolean: Regex,
    decimal: Regex,
    other_integer: Regex,
    decimal_fraction: Regex,
    other_fraction: Regex,
    timestamp: Regex,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).expect("it is well-formed");
    Types {
        boolean: whole(
            "y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
        ),
        decimal: whole("[-+]?(?:0|[1-9][0-9]*)"),
        other_integer: whole(
            "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?[1-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
        ),
        decimal_fraction: whole(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?"),
        other_fraction: whole(
            r"[-+]?(?:[0-9][0-9_]*)?\.[0-9._]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        ),
        timestamp: whole(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9:.]+.*)?"),
    }
});

fn resolve(text: &str) -> Value {
    let marked = |what: &str| Value::from(format!("!{what} {text}"));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        "<<" | "=" => marked("merge"),
        _ if TYPES.boolean.is_match(text) => marked("bool"),
        _ if TYPES.decimal.is_match(text) => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => marked("int"),
        },
        _ if TYPES.other_integer.is_match(text) => marked("int"),
        _ if TYPES.decimal_fraction.is_match(text) => text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| marked("float"), Value::Number),
        _ if TYPES.other_fraction.is_match(text) => marked("float"),
        _ if TYPES.timestamp.is_match(text) => marked("timestamp"),
        _ => text.into(),
    }
}

#[test]
fn the_reader_knows_the_traps_of_its_version() {
    let read =
        read("a: [yes, 1:2, 010, 1_0, 2001-01-01, '1:2', \"no\", fd00::1, 10, 1.5]\non: ~\n");
    let expected = serde_json::json!([{
        "a": ["!bool yes", "!int 1:2", "!int 010", "!int 1_0", "!timestamp 2001-01-01", "1:2", "no", "fd00::1", 10, 1.5],
        "!bool on": null,
    }]);
    assert_eq!(Value::Array(read), expected);
}
