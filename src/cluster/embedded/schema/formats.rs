//! The string formats that schemas may ask for; unknown formats accept everything.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use base64::Engine as _;
use regex::Regex;

use super::names;

macro_rules! regexes {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new($pattern).expect("the pattern is a constant and valid")
        });)*
    };
}

regexes! {
    TIME = r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$";
    DURATION = r"^[+-]?([0-9]*\.?[0-9]+(ns|us|µs|μs|ms|s|m|h)|0)+$";
    DAYS = r"^[0-9]+\s*(ns|nano|us|µs|micro|ms|milli|s|sec|second|m|min|minute|h|hr|hour|d|day|w|wk|week)s?$";
    EMAIL = r"^[^@\s]+@[A-Za-z0-9.-]+$";
    HOSTNAME = r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$";
    UUID = "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID3 = "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID4 = "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    UUID5 = "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    MAC = "^(?i)([0-9a-f]{2}([:-][0-9a-f]{2}){5}([:-][0-9a-f]{2}){0,14}|[0-9a-f]{4}(\\.[0-9a-f]{4}){2,9})$";
    OBJECT_ID = "^[0-9a-fA-F]{24}$";
    SSN = "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$";
    HEX_COLOR = "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
    RGB_COLOR = r"^rgb\(\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*\)$";
    URI = "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$";
}

/// Tells whether `text` has the format.
pub(super) fn is_valid(format: &str, text: &str) -> bool {
    match format {
        "date-time" | "datetime" => is_date_time(text),
        "date" => is_date(text),
        "duration" => DURATION.is_match(text) || DAYS.is_match(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => MAC.is_match(text),
        "uuid" => UUID.is_match(text),
        "uuid3" => UUID3.is_match(text),
        "uuid4" => UUID4.is_match(text),
        "uuid5" => UUID5.is_match(text),
        "email" => EMAIL.is_match(text),
        "hostname" => text.len() <= 255 && HOSTNAME.is_match(text),
        "uri" => URI.is_match(text) || text.starts_with('/'),
        "byte" => base64::engine::general_purpose::STANDARD
            .decode(text)
            .is_ok(),
        "bsonobjectid" => OBJECT_ID.is_match(text),
        "isbn10" => is_isbn10(text),
        "isbn13" => is_isbn13(text),
        "isbn" => is_isbn10(text) || is_isbn13(text),
        "creditcard" => is_credit_card(text),
        "ssn" => SSN.is_match(text),
        "hexcolor" => HEX_COLOR.is_match(text),
        "rgbcolor" => is_rgb(text),
        "k8s-short-name" => names::dns_label_problems(text).is_empty(),
        "k8s-long-name" => names::dns_subdomain_problems(text).is_empty(),
        _ => true,
    }
}

fn is_date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let Some((date, time)) = text.split_once('t') else {
        return false;
    };
    let Some(parts) = TIME.captures(time) else {
        return false;
    };
    let part = |index: usize| parts[index].parse().unwrap_or(u8::MAX);
    is_date(date) && part(1) < 24 && part(2) < 60 && part(3) < 60
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Go accepts any mask length that fits the family and no leading zeros.
fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && (length == "0" || !length.starts_with('0'))
        && length.parse().is_ok_and(|l: u8| l <= most)
}

fn digits(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .collect()
}

fn is_isbn10(text: &str) -> bool {
    let digits = digits(text);
    if digits.len() != 10 {
        return false;
    }
    let values = digits.bytes().enumerate().map(|(index, byte)| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'X' | b'x' if index == 9 => Some(10),
        _ => None,
    });
    let sum: Option<u32> = values
        .zip(1..)
        .map(|(value, weight)| Some(value? * weight))
        .sum();
    sum.is_some_and(|sum| sum % 11 == 0)
}

fn is_isbn13(text: &str) -> bool {
    let digits = digits(text);
    let values = digits
        .bytes()
        .map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0')));
    let weights = [1, 3].into_iter().cycle();
    let sum: Option<u32> = values
        .zip(weights)
        .map(|(value, weight)| Some(value? * weight))
        .sum();
    digits.len() == 13 && sum.is_some_and(|sum| sum % 10 == 0)
}

/// Checks length and the Luhn sum.
fn is_credit_card(text: &str) -> bool {
    let digits = digits(text);
    let values = digits
        .bytes()
        .rev()
        .map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0')));
    let sum: Option<u32> = values
        .zip([1, 2].into_iter().cycle())
        .map(|(value, weight)| {
            value
                .map(|value| value * weight)
                .map(|value| value / 10 + value % 10)
        })
        .sum();
    (12..=19).contains(&digits.len()) && sum.is_some_and(|sum| sum % 10 == 0)
}

fn is_rgb(text: &str) -> bool {
    RGB_COLOR
        .captures(text)
        .is_some_and(|parts| (1..=3).all(|index| parts[index].parse::<u8>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_tell_good_from_bad() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            (
                "date-time",
                &["2026-11-20T10:00:00Z", "2026-11-20t10:00:00.123456+01:00"],
                &[
                    "2026-11-20",
                    "2026-13-20T10:00:00Z",
                    "2026-11-20T24:00:00Z",
                    "x",
                    "",
                ],
            ),
            ("date", &["2026-02-28"], &["2026-02-30", "20260228", ""]),
            (
                "duration",
                &["1h30m", "0", "1.5s", "3 days", "-2ms"],
                &["", "h", "1x"],
            ),
            ("ipv4", &["10.0.0.1"], &["::1", "10.0.0"]),
            ("ipv6", &["fd00::1"], &["10.0.0.1", "fd00::/8"]),
            (
                "cidr",
                &["fd00::/8", "10.0.0.1/8", "::/0"],
                &["fd00::", "fd00::/129", "10.0.0.0/08"],
            ),
            (
                "mac",
                &["00:11:22:aa:bb:cc", "00-11-22-aa-bb-cc"],
                &["00:11:22"],
            ),
            (
                "uuid",
                &["123e4567-e89b-12d3-a456-426614174000"],
                &["123e4567"],
            ),
            (
                "uuid4",
                &["123e4567-e89b-42d3-a456-426614174000"],
                &["123e4567-e89b-12d3-a456-426614174000"],
            ),
            ("email", &["a@b.example"], &["a", "a b@c"]),
            ("hostname", &["a.example", "a"], &["a b", ""]),
            ("uri", &["https://a.example/x"], &["a b"]),
            ("byte", &["aGk=", ""], &["a", "*"]),
            (
                "isbn",
                &["0-306-40615-2", "978-0-306-40615-7"],
                &["1234567890"],
            ),
            (
                "creditcard",
                &["4111 1111 1111 1111"],
                &["4111 1111 1111 1112"],
            ),
            ("rgbcolor", &["rgb(1, 2, 255)"], &["rgb(1,2,256)"]),
            ("hexcolor", &["#fff", "a0b1c2"], &["#ffff"]),
            ("k8s-short-name", &["a-b"], &["a.b"]),
            ("no-such-format", &["anything"], &[]),
        ];
        for (format, good, bad) in cases {
            for text in *good {
                assert!(is_valid(format, text), "{format} {text:?}");
            }
            for text in *bad {
                assert!(!is_valid(format, text), "{format} {text:?}");
            }
        }
    }
}
