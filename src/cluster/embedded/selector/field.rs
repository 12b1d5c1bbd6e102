//! Field selectors: `metadata.name=a,status.phase!=Running`.

use std::fmt;

use super::SelectorError;

/// How a field requirement compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldOperator {
    /// `=` and `==`.
    Equals,
    /// `!=`.
    NotEquals,
}

/// A field path, an operator and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRequirement {
    /// The path as the client wrote it, for example `metadata.name`.
    pub field: String,
    /// The comparison.
    pub operator: FieldOperator,
    /// The value, unescaped.
    pub value: String,
}

/// A conjunction of field requirements; the empty one matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSelector {
    requirements: Vec<FieldRequirement>,
}

impl FieldSelector {
    /// Parses the text form; terms come out sorted.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut terms = split_terms(text);
        terms.sort_unstable();
        let requirements = terms
            .into_iter()
            .filter(|term| !term.is_empty())
            .map(|term| requirement(text, term))
            .collect::<Result<_, _>>()?;
        Ok(Self { requirements })
    }

    /// Tells whether every object matches.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Returns the requirements in order.
    pub fn requirements(&self) -> impl Iterator<Item = &FieldRequirement> {
        self.requirements.iter()
    }

    /// Returns the value that a field must have, when the selector pins it with `=`.
    pub fn exact(&self, field: &str) -> Option<&str> {
        let pins = |requirement: &&FieldRequirement| {
            requirement.field == field && requirement.operator == FieldOperator::Equals
        };
        self.requirements
            .iter()
            .find(pins)
            .map(|requirement| requirement.value.as_str())
    }

    /// Tells whether the values that `lookup` gives satisfy every requirement.
    ///
    /// A field that the object lacks counts as the empty string.
    pub fn matches(&self, lookup: impl Fn(&str) -> Option<String>) -> bool {
        self.requirements.iter().all(|requirement| {
            let equal = lookup(&requirement.field).unwrap_or_default() == requirement.value;
            equal == (requirement.operator == FieldOperator::Equals)
        })
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let operator = match requirement.operator {
                FieldOperator::Equals => "=",
                FieldOperator::NotEquals => "!=",
            };
            write!(
                f,
                "{comma}{}{operator}{}",
                requirement.field,
                escape(&requirement.value)
            )?;
        }
        Ok(())
    }
}

/// Splits at commas that no backslash protects.
fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn requirement(selector: &str, term: &str) -> Result<FieldRequirement, SelectorError> {
    let not_understood = || SelectorError::Term {
        selector: selector.to_owned(),
        term: term.to_owned(),
    };
    let split = term.find('=').ok_or_else(not_understood)?;
    let (left, right) = term.split_at(split);
    let (field, operator) = match left.strip_suffix('!') {
        Some(field) => (field, FieldOperator::NotEquals),
        None => (left, FieldOperator::Equals),
    };
    let value = &right[1..];
    let value = match operator {
        FieldOperator::Equals => value.strip_prefix('=').unwrap_or(value),
        FieldOperator::NotEquals => value,
    };
    Ok(FieldRequirement {
        field: field.to_owned(),
        operator,
        value: unescape(value)?,
    })
}

fn unescape(text: &str) -> Result<String, SelectorError> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(next @ ('\\' | ',' | '=')) => value.push(next),
                next => {
                    let sequence = format!("\\{}", next.map_or(String::new(), String::from));
                    return Err(SelectorError::Escape { sequence });
                }
            },
            ',' | '=' => return Err(SelectorError::Unescaped { character }),
            _ => value.push(character),
        }
    }
    Ok(value)
}

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace('=', "\\=")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(selector: &str) -> bool {
        FieldSelector::parse(selector)
            .unwrap()
            .matches(|field| match field {
                "metadata.name" => Some("a".to_owned()),
                "spec.odd" => Some("x,y=z".to_owned()),
                _ => None,
            })
    }

    #[test]
    fn terms_compare_and_missing_fields_are_empty() {
        assert!(matches(""));
        assert!(matches("metadata.name=a"));
        assert!(matches("metadata.name==a"));
        assert!(matches("metadata.name!=b"));
        assert!(!matches("metadata.name=a,metadata.namespace=x"));
        assert!(matches("metadata.namespace="));
        assert!(matches(r"spec.odd=x\,y\=z"));
    }

    #[test]
    fn broken_terms_are_named() {
        let error = FieldSelector::parse("a=b,name").unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid selector: 'a=b,name'; can't understand 'name'"
        );
        FieldSelector::parse(r"a=\b").unwrap_err();
        FieldSelector::parse("a=b=c").unwrap_err();
    }

    #[test]
    fn pinned_fields_are_found() {
        let selector = FieldSelector::parse("metadata.name=a,metadata.namespace!=b").unwrap();
        assert_eq!(selector.exact("metadata.name"), Some("a"));
        assert_eq!(selector.exact("metadata.namespace"), None);
    }

    proptest! {
        #[test]
        fn the_canonical_text_parses_to_the_same_selector(
            field in "[a-z.]{1,8}", value in r"[a-z\\,=!]{0,8}", not in any::<bool>(),
        ) {
            let operator = if not { FieldOperator::NotEquals } else { FieldOperator::Equals };
            let selector =
                FieldSelector { requirements: vec![FieldRequirement { field, operator, value }] };
            prop_assert_eq!(FieldSelector::parse(&selector.to_string()).unwrap(), selector);
        }
    }
}
