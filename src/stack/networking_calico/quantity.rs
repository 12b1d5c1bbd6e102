//! The sign of a Kubernetes quantity.

use std::cmp::Ordering;

/// How a quantity compares to zero; `None` for a text that is no quantity.
pub(super) fn sign(text: &str) -> Option<Ordering> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(digits);
    let known = matches!(
        suffix,
        "" | "n"
            | "u"
            | "m"
            | "k"
            | "M"
            | "G"
            | "T"
            | "P"
            | "E"
            | "Ki"
            | "Mi"
            | "Gi"
            | "Ti"
            | "Pi"
            | "Ei"
    ) || is_exponent(suffix);
    let is_number = number.bytes().any(|byte| byte.is_ascii_digit())
        && number.bytes().filter(|byte| *byte == b'.').count() <= 1;
    if !known || !is_number {
        return None;
    }
    let zero = number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    Some(match (zero, negative) {
        (true, _) => Ordering::Equal,
        (false, true) => Ordering::Less,
        (false, false) => Ordering::Greater,
    })
}

fn is_exponent(suffix: &str) -> bool {
    suffix
        .strip_prefix(['e', 'E'])
        .is_some_and(|exponent| exponent.parse::<i32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_read_with_every_suffix() {
        for (text, expected) in [
            ("0", Some(Ordering::Equal)),
            ("0.0Mi", Some(Ordering::Equal)),
            ("-1Mi", Some(Ordering::Less)),
            ("250m", Some(Ordering::Greater)),
            ("1e3", Some(Ordering::Greater)),
            ("1Zi", None),
            ("", None),
            ("1.2.3", None),
        ] {
            assert_eq!(sign(text), expected, "{text}");
        }
    }
}
