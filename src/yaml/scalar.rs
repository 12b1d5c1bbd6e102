//! What a plain scalar means to `kubectl`: YAML 1.1, as Go's `sigs.k8s.io/yaml` reads it.

use serde_json::{Number, Value};

/// Up to here every integer has an exact float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return true.into();
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return false.into();
        }
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return text.into();
    }
    integer(text)
        .or_else(|| float(text))
        .map_or_else(|| text.into(), Value::Number)
}

fn integer(text: &str) -> Option<Number> {
    let bare = text.replace('_', "");
    let (negative, digits) = match bare.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(hex) = lower.strip_prefix("0x") {
        (16, hex)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (2, binary)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        (8, octal)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        0_i64.checked_sub_unsigned(value).map(Number::from)
    } else {
        Some(value.into())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before the cast"
)]
fn float(text: &str) -> Option<Number> {
    let ends = |c: char| c.is_ascii_digit() || c == '.';
    // Rust also reads words such as `infinity`, which YAML does not.
    let shaped = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'))
        && text.chars().any(|c| c.is_ascii_digit())
        && text.ends_with(ends);
    let value: f64 = shaped.then(|| text.parse().ok())??;
    // Go writes a float without a fraction as an integer.
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Some((value as i64).into());
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_mean_what_kubectl_makes_of_them() {
        for (text, expected) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("no way", json!("no way")),
            ("64", json!(64)),
            ("-3", json!(-3)),
            ("+3", json!(3)),
            ("1_000", json!(1000)),
            ("0x10", json!(16)),
            ("010", json!(8)),
            ("08", json!(8)),
            ("0o10", json!(8)),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000)),
            ("2.0", json!(2)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.31.0", json!("1.31.0")),
            ("10.0.0.0/8", json!("10.0.0.0/8")),
            ("2001:db8::/48", json!("2001:db8::/48")),
            ("::1", json!("::1")),
            ("2001-01-01", json!("2001-01-01")),
            ("-", json!("-")),
            ("+", json!("+")),
            (".", json!(".")),
            ("infinity", json!("infinity")),
            ("1e", json!("1e")),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
