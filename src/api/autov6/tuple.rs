//! The value of one networking field: one element per family, in order of preference.

use std::{fmt, str::FromStr};

use serde_json::Value;

use super::{Element, TupleError};
use crate::net::{Families, IpFamily};

/// One element, or one per family in order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple {
    first: Element,
    second: Option<Element>,
}

/// Something that is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warning {
    /// A comma behind the last element, as in the one example of the draft.
    TrailingComma,
}

impl Warning {
    /// The name of the warning, for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TrailingComma => "TRAILING_COMMA",
        }
    }
}

/// A tuple with what was forgiven while reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The tuple.
    pub tuple: Tuple,
    /// What was forgiven.
    pub warnings: Vec<Warning>,
}

impl Tuple {
    /// A tuple of one element.
    pub const fn single(element: Element) -> Self {
        Self {
            first: element,
            second: None,
        }
    }

    /// A tuple of two elements, the preferred one first.
    pub fn dual(first: Element, second: Element) -> Result<Self, TupleError> {
        let family = first.family();
        if family == second.family() {
            return Err(TupleError::DuplicateFamily { family });
        }
        Ok(Self {
            first,
            second: Some(second),
        })
    }

    /// The elements in order of preference.
    pub fn elements(self) -> impl Iterator<Item = Element> {
        std::iter::once(self.first).chain(self.second)
    }

    /// The element of a family.
    pub fn of(self, family: IpFamily) -> Option<Element> {
        self.elements().find(|element| element.family() == family)
    }

    /// The families in order of preference.
    pub fn families(self) -> Families {
        let primary = self.first.family();
        match self.second {
            Some(_) => Families::dual(primary),
            None => Families::single(primary),
        }
    }

    /// Whether the provider assigns the IPv6 range.
    pub fn is_automatic(self) -> bool {
        self.of(IpFamily::V6) == Some(Element::Auto)
    }

    /// Reads the text form: elements separated by commas, blanks around them, and at most one
    /// comma behind the last.
    pub fn parse(text: &str) -> Result<Parsed, TupleError> {
        let mut pieces: Vec<&str> = text.split(',').map(trimmed).collect();
        let mut warnings = Vec::new();
        match pieces.as_slice() {
            [""] => return Err(TupleError::Empty),
            [.., _, ""] => {
                pieces.pop();
                warnings.push(Warning::TrailingComma);
            }
            _ => {}
        }
        let tuple = Self::from_pieces(&pieces)?;
        Ok(Parsed { tuple, warnings })
    }

    /// Reads the text form or the list form of a manifest. A field that is not there is empty.
    pub fn parse_value(value: &Value) -> Result<Parsed, TupleError> {
        let list = match value {
            Value::Null => return Err(TupleError::Empty),
            Value::String(text) => return Self::parse(text),
            Value::Array(list) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        if list.is_empty() {
            return Err(TupleError::Empty);
        }
        let pieces = list
            .iter()
            .zip(1..)
            .map(|(item, position)| {
                let found = kind(item);
                let text = item.as_str().map(trimmed);
                text.ok_or(TupleError::NotText { position, found })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let warnings = Vec::new();
        let tuple = Self::from_pieces(&pieces)?;
        Ok(Parsed { tuple, warnings })
    }

    fn from_pieces(pieces: &[&str]) -> Result<Self, TupleError> {
        if let Some(index) = pieces.iter().position(|piece| piece.is_empty()) {
            let position = index + 1;
            return Err(TupleError::EmptyElement { position });
        }
        match pieces {
            [] => Err(TupleError::Empty),
            [only] => Element::parse(only).map(Self::single),
            [first, second] => Self::dual(Element::parse(first)?, Element::parse(second)?),
            more => Err(TupleError::TooMany { count: more.len() }),
        }
    }
}

impl FromStr for Tuple {
    type Err = TupleError;

    /// Reads the text form; what is forgiven is not told.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map(|parsed| parsed.tuple)
    }
}

impl fmt::Display for Tuple {
    /// The canonical text form: `AUTOv6, 10.0.0.0/16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.second.map_or(Ok(()), |second| write!(f, ", {second}"))
    }
}

/// A piece without the blanks around it; only space and tab are blanks.
pub(super) fn trimmed(piece: &str) -> &str {
    piece.trim_matches([' ', '\t'])
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::net::Cidr;

    fn code(value: &Value) -> Result<String, &'static str> {
        Tuple::parse_value(value)
            .map(|parsed| parsed.tuple.to_string())
            .map_err(|error| error.code())
    }

    #[test]
    fn the_example_of_the_draft_is_read_with_a_warning() {
        let parsed = Tuple::parse("AUTOv6, 100.128.0.0/11, ").unwrap();
        assert_eq!(parsed.tuple.to_string(), "AUTOv6, 100.128.0.0/11");
        assert_eq!(parsed.tuple.families(), Families::dual(IpFamily::V6));
        assert_eq!(parsed.warnings, [Warning::TrailingComma]);
        assert!(parsed.tuple.is_automatic());
    }

    #[test]
    fn the_first_error_in_the_order_of_the_grammar_wins() {
        for (text, expected) in [
            (" \t", "EMPTY"),
            (",", "EMPTY_ELEMENT"),
            ("AUTOv6,,", "EMPTY_ELEMENT"),
            (",,,nonsense", "EMPTY_ELEMENT"),
            ("a, b, c", "TOO_MANY"),
            ("AutoV6, nonsense", "KEYWORD_CASE"),
            ("nonsense, AutoV6", "UNKNOWN_KEYWORD"),
            ("AUTOv6/64", "CIDR_SYNTAX"),
            ("AUTOv6\n", "CIDR_SYNTAX"),
            ("10.0.0.0", "CIDR_SYNTAX"),
            ("::ffff:10.0.0.0/129", "CIDR_SYNTAX"),
            ("::ffff:10.0.0.0/64", "IPV4_MAPPED"),
            ("::ffff:10.0.0.0/112", "IPV4_MAPPED"),
            ("2001:db8::1/64", "NOT_CANONICAL"),
            ("AUTOv6, AUTOv6", "DUPLICATE_FAMILY"),
        ] {
            assert_eq!(code(&json!(text)), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn the_list_form_means_the_same() {
        let list = json!([" AUTOv6", "10.0.0.0/16"]);
        assert_eq!(code(&list), Ok("AUTOv6, 10.0.0.0/16".to_owned()));
        assert_eq!(code(&json!([])), Err("EMPTY"));
        assert_eq!(code(&Value::Null), Err("EMPTY"));
        assert_eq!(code(&json!(["AUTOv6", ""])), Err("EMPTY_ELEMENT"));
        assert_eq!(code(&json!(["AUTOv6, 10.0.0.0/16"])), Err("CIDR_SYNTAX"));
    }

    #[test]
    fn an_address_that_yaml_took_for_a_mapping_is_to_be_quoted() {
        let mapping = json!([{"2001:db8:": null}]);
        let error = Tuple::parse_value(&mapping).unwrap_err();
        assert_eq!(
            error.to_string(),
            "element 1 is a mapping instead of a text; quote this address"
        );
        assert_eq!(code(&json!(5)), Err("CIDR_SYNTAX"));
    }

    fn element() -> impl Strategy<Value = Element> {
        let cidr = (any::<std::net::IpAddr>(), 0_u8..=128).prop_filter_map(
            "mapped addresses are refused",
            |(address, length)| {
                let length = length.min(IpFamily::of(address).bits());
                let text = Cidr::containing(address, length)?.to_string();
                Element::parse(&text).ok()
            },
        );
        prop_oneof![Just(Element::Auto), cidr]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(first in element(), second in element()) {
            for tuple in [Ok(Tuple::single(first)), Tuple::dual(first, second)]
                .into_iter()
                .flatten()
            {
                let text = tuple.to_string();
                prop_assert_eq!(text.parse::<Tuple>(), Ok(tuple));
                let list: Vec<String> = tuple.elements().map(|one| one.to_string()).collect();
                prop_assert_eq!(Tuple::parse_value(&json!(list)).map(|one| one.tuple), Ok(tuple));
                let forgiven = Tuple::parse(&format!("\t{text} , "));
                prop_assert_eq!(forgiven.map(|one| one.tuple), Ok(tuple));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "[AUTOautoVv6/.,: \t0-9a-f]{0,40}|\\PC{0,40}") {
            if let Ok(tuple) = text.parse::<Tuple>() {
                prop_assert_eq!(tuple.to_string().parse(), Ok(tuple));
            }
        }
    }
}
