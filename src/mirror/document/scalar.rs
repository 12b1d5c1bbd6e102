//! What upstream's YAML reader makes of a number or a truth value where a text is wanted.

use serde_json::{Number, Value};

/// The text of a plain value; nothing for lists and maps. `raw` is how it was written, if that is known.
pub(super) fn text(value: &Value, raw: Option<&str>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number_text(number, raw)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_text(number: &Number, raw: Option<&str>) -> String {
    let written_as_float =
        raw.is_some_and(|raw| !raw.contains(['x', 'X']) && raw.contains(['.', 'e', 'E']));
    match number.as_f64() {
        Some(value) if written_as_float || number.is_f64() => float(value),
        _ => number.to_string(),
    }
}

/// As Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it: the fewest digits that read back as the
/// same number, with an exponent where it is below -4 or above 5.
fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Option<String> {
        let (documents, _) = crate::yaml::located(&format!("a: {raw}"), "test");
        text(&documents[0].value["a"], Some(raw))
    }

    #[test]
    fn numbers_become_the_text_that_go_writes() {
        for (raw, expected) in [
            ("3.10", "3.1"),
            ("2.0", "2"),
            ("1", "1"),
            ("010", "8"),
            ("0x1e", "30"),
            ("true", "true"),
            ("yes", "true"),
            ("1234567.5", "1.2345675e+06"),
            ("1e6", "1e+06"),
            ("1.5e-7", "1.5e-07"),
            ("100000.5", "100000.5"),
            ("20240513", "20240513"),
            ("3.14.0", "3.14.0"),
            ("\"3.10\"", "3.10"),
        ] {
            assert_eq!(read(raw).as_deref(), Some(expected), "{raw}");
        }
        assert_eq!(read("[]"), None);
    }
}
