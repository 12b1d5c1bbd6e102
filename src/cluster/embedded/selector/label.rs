//! Label selectors as they stand in a query string.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::SelectorError;
use super::lexer::{Context, Lexeme, Token, lex};
use super::requirement::{Operator, Requirement};

/// A conjunction of label requirements; the empty one matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

impl LabelSelector {
    /// Parses the text form, for example `tier in (a,b),!x,y!=z,n>3`.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut parser = Parser {
            lexemes: lex(text),
            position: 0,
        };
        let mut requirements = parser.requirements()?;
        requirements.sort_by(|a, b| a.key().cmp(b.key()));
        Ok(Self { requirements })
    }

    /// Makes a selector of requirements.
    pub fn new(requirements: Vec<Requirement>) -> Self {
        Self { requirements }
    }

    /// Tells whether every object matches.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Returns the requirements, sorted by key when they were parsed from text.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter()
    }

    /// Tells whether these labels satisfy every requirement.
    pub fn matches(&self, labels: Option<&Map<String, Value>>) -> bool {
        self.requirements.iter().all(|requirement| {
            let label = labels.and_then(|labels| labels.get(requirement.key()));
            requirement.matches(label.and_then(Value::as_str))
        })
    }

    /// Tells whether the labels of this object satisfy every requirement.
    pub fn matches_object(&self, object: &Value) -> bool {
        let labels = object
            .get("metadata")
            .and_then(|metadata| metadata.get("labels"));
        self.matches(labels.and_then(Value::as_object))
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

struct Parser<'a> {
    lexemes: Vec<Lexeme<'a>>,
    position: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self, context: Context) -> (Token, &'a str) {
        let lexeme = &self.lexemes[self.position];
        (lexeme.token(context), lexeme.text)
    }

    fn take(&mut self, context: Context) -> (Token, &'a str) {
        let taken = self.peek(context);
        self.position = (self.position + 1).min(self.lexemes.len() - 1);
        taken
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, SelectorError> {
        let grammar = |detail: String| SelectorError::Grammar { detail };
        let mut requirements = Vec::new();
        loop {
            match self.peek(Context::Value) {
                (Token::End, _) => return Ok(requirements),
                (Token::Word | Token::Not, _) => requirements.push(self.requirement()?),
                (_, text) => {
                    return Err(grammar(format!(
                        "found '{text}', expected: !, identifier, or 'end of string'"
                    )));
                }
            }
            match self.take(Context::Value) {
                (Token::End, _) => return Ok(requirements),
                (Token::Comma, _) => {
                    let (token, text) = self.peek(Context::Value);
                    if !matches!(token, Token::Word | Token::Not) {
                        return Err(grammar(format!(
                            "found '{text}', expected: identifier after ','"
                        )));
                    }
                }
                (_, text) => {
                    return Err(grammar(format!(
                        "found '{text}', expected: ',' or 'end of string'"
                    )));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let (mut token, mut key) = self.take(Context::Value);
        let negated = token == Token::Not;
        if negated {
            (token, key) = self.take(Context::Value);
        }
        if token != Token::Word {
            return unexpected(format!("found '{key}', expected: identifier"));
        }
        if negated {
            return Requirement::new(key, Operator::DoesNotExist, BTreeSet::new());
        }
        if matches!(self.peek(Context::Value).0, Token::End | Token::Comma) {
            return Requirement::new(key, Operator::Exists, BTreeSet::new());
        }
        let (token, text) = self.take(Context::KeyOrOperator);
        let operator = match token {
            Token::In | Token::Equals | Token::DoubleEquals => Operator::In,
            Token::NotIn | Token::NotEquals => Operator::NotIn,
            Token::Greater => Operator::GreaterThan,
            Token::Less => Operator::LessThan,
            _ => {
                return unexpected(format!(
                    "found '{text}', expected: in, notin, =, ==, !=, gt, lt"
                ));
            }
        };
        let values = if matches!(token, Token::In | Token::NotIn) {
            self.value_list()?
        } else {
            self.single_value()?
        };
        Requirement::new(key, operator, values)
    }

    fn single_value(&mut self) -> Result<BTreeSet<String>, SelectorError> {
        if matches!(self.peek(Context::Value).0, Token::End | Token::Comma) {
            return Ok(BTreeSet::from([String::new()]));
        }
        match self.take(Context::Value) {
            (Token::Word, text) => Ok(BTreeSet::from([text.to_owned()])),
            (_, text) => unexpected(format!("found '{text}', expected: identifier")),
        }
    }

    /// Reads `(a,b)`; an empty place between commas is the empty value.
    fn value_list(&mut self) -> Result<BTreeSet<String>, SelectorError> {
        let (token, text) = self.take(Context::Value);
        if token != Token::Open {
            return unexpected(format!("found '{text}' expected: '('"));
        }
        let mut values = BTreeSet::new();
        if self.peek(Context::Value).0 == Token::Close {
            self.take(Context::Value);
            return Ok(values);
        }
        loop {
            match self.peek(Context::Value) {
                (Token::Word, text) => {
                    values.insert(text.to_owned());
                    self.take(Context::Value);
                }
                (Token::Comma | Token::Close, _) => {
                    values.insert(String::new());
                }
                (_, text) => {
                    return unexpected(format!("found '{text}', expected: ',', ')' or identifier"));
                }
            }
            match self.take(Context::Value) {
                (Token::Comma, _) => {}
                (Token::Close, _) => return Ok(values),
                (_, text) => return unexpected(format!("found '{text}', expected: ',' or ')'")),
            }
        }
    }
}

fn unexpected<T>(detail: String) -> Result<T, SelectorError> {
    Err(SelectorError::Requirement { detail })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn matches(selector: &str, labels: &Value) -> bool {
        LabelSelector::parse(selector)
            .unwrap()
            .matches(labels.as_object())
    }

    #[test]
    fn requirements_match_as_upstream_does() {
        let labels = json!({"tier": "dev", "x": "1", "empty": "", "in": "y"});
        let cases = [
            ("", true),
            ("tier=dev", true),
            ("tier==dev", true),
            ("tier = dev , x = 1", true),
            ("tier!=dev", false),
            ("absent!=dev", true),
            ("absent notin (a,b)", true),
            ("tier in (prod, dev)", true),
            ("tier notin (prod, dev)", false),
            ("tier", true),
            ("!tier", false),
            ("!absent", true),
            ("x>0", true),
            ("x<1", false),
            ("tier>0", false),
            ("empty=", true),
            ("empty in (,)", true),
            ("in=y", true),
            ("in in (in,y)", true),
            ("tier=dev,x=2", false),
        ];
        for (selector, expected) in cases {
            assert_eq!(matches(selector, &labels), expected, "{selector}");
        }
    }

    #[test]
    fn syntax_errors_carry_upstream_texts() {
        let cases = [
            (
                "a in (",
                "unable to parse requirement: found '', expected: ',', ')' or identifier",
            ),
            (
                "a in b",
                "unable to parse requirement: found 'b' expected: '('",
            ),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a,", "found '', expected: identifier after ','"),
            (
                "=a",
                "found '=', expected: !, identifier, or 'end of string'",
            ),
            (
                "a b",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
        ];
        for (selector, expected) in cases {
            let error = LabelSelector::parse(selector).unwrap_err();
            assert_eq!(error.to_string(), expected, "{selector}");
        }
        for selector in ["a in ()", "a>b", "a=b!", "-a=b", "a/b/c=d", "a=(b)", "!"] {
            LabelSelector::parse(selector).unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn the_canonical_text_parses_to_the_same_selector(
            keys in proptest::collection::vec("[a-z]{1,4}(/[a-z]{1,3})?", 0..4),
            values in proptest::collection::btree_set("[a-z0-9]{0,3}", 1..3),
            operator in 0_usize..4,
        ) {
            let requirements = keys.iter().map(|key| {
                let (operator, values) = match operator {
                    0 => (Operator::In, values.clone()),
                    1 => (Operator::NotIn, values.clone()),
                    2 => (Operator::Exists, BTreeSet::new()),
                    _ => (Operator::DoesNotExist, BTreeSet::new()),
                };
                Requirement::new(key, operator, values).unwrap()
            }).collect();
            let mut selector = LabelSelector::new(requirements);
            selector.requirements.sort_by(|a, b| a.key().cmp(b.key()));
            prop_assert_eq!(LabelSelector::parse(&selector.to_string()).unwrap(), selector);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            LabelSelector::parse(&text).ok();
        }
    }
}
