//! Words of the label selector grammar.

/// Whether `in` and `notin` are operators or ordinary words at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// A key or an operator is expected.
    KeyOrOperator,
    /// A value is expected.
    Value,
}

/// One kind of word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Open,
    Close,
    Comma,
    Not,
    DoubleEquals,
    Equals,
    NotEquals,
    Greater,
    Less,
    In,
    NotIn,
    Word,
    Unknown,
}

/// A word with its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme<'a> {
    token: Token,
    pub(super) text: &'a str,
}

impl Lexeme<'_> {
    /// Returns the kind of the word at a place where `context` holds.
    pub(super) fn token(&self, context: Context) -> Token {
        match (self.token, context) {
            (Token::In | Token::NotIn, Context::Value) => Token::Word,
            (token, _) => token,
        }
    }
}

/// Splits a selector into words; the last one is always [`Token::End`].
pub(super) fn lex(input: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::new();
    let mut rest = input.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        let length = if is_special(first) {
            special_length(rest)
        } else {
            rest.find(|c| is_special(c) || is_space(c))
                .unwrap_or(rest.len())
        };
        let (text, tail) = rest.split_at(length);
        lexemes.push(Lexeme {
            token: classify(text),
            text,
        });
        rest = tail.trim_start_matches(is_space);
    }
    lexemes.push(Lexeme {
        token: Token::End,
        text: "",
    });
    lexemes
}

/// Operators of two characters win over those of one.
fn special_length(rest: &str) -> usize {
    if rest.starts_with("==") || rest.starts_with("!=") {
        2
    } else {
        1
    }
}

fn classify(text: &str) -> Token {
    match text {
        "(" => Token::Open,
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        "!=" => Token::NotEquals,
        ">" => Token::Greater,
        "<" => Token::Less,
        "in" => Token::In,
        "notin" => Token::NotIn,
        _ if text.starts_with(is_special) => Token::Unknown,
        _ => Token::Word,
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_special(character: char) -> bool {
    matches!(character, '=' | '!' | '(' | ')' | '>' | '<' | ',')
}
