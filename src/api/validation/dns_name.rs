//! Fully qualified domain names, by the rules of Kubernetes.

use super::{FieldError, Path};

/// The longest name without its trailing dot (RFC 1035).
const NAME_MAX: usize = 253;
/// The longest label (RFC 1035).
const LABEL_MAX: usize = 63;

/// The error of a text that is no domain name of two or more labels. A trailing dot is fine.
pub(super) fn validate(name: &str, path: &Path) -> Option<FieldError> {
    if name.is_empty() {
        return Some(FieldError::required(path, "must be a domain name"));
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = bare.split('.').collect();
    let detail = if bare.len() > NAME_MAX {
        "must have at most 253 characters"
    } else if !labels.iter().all(|label| is_label_text(label)) {
        "must consist of labels of lower-case letters, digits and inner hyphens"
    } else if labels.len() < 2 {
        "must have at least two labels"
    } else if labels.iter().any(|label| label.len() > LABEL_MAX) {
        "must consist of labels of at most 63 characters"
    } else {
        return None;
    };
    Some(FieldError::invalid(path, name, detail))
}

fn is_label_text(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !label.is_empty()
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::validation::ErrorType;

    fn verdict(name: &str) -> Option<ErrorType> {
        validate(name, &Path::new("spec.name")).map(|error| error.type_)
    }

    #[test]
    fn names_with_two_labels_are_fine() {
        let long = format!("{}.example.com", "a".repeat(63));
        for name in ["example.com", "a.b", "example.com.", "1.2.3.4", &long] {
            assert_eq!(verdict(name), None, "{name}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        let long_label = format!("{}.example.com", "a".repeat(64));
        let long_name = ["a.", &"b.".repeat(130)].concat();
        for name in [
            "test",
            "Example.com",
            "_acme.example.com",
            "a..b",
            ".a.b",
            "-a.b",
            "a-.b",
            "2001:db8::1",
            "a.b..",
            &long_label,
            &long_name,
        ] {
            assert_eq!(verdict(name), Some(ErrorType::Invalid), "{name}");
        }
        assert_eq!(verdict(""), Some(ErrorType::Required));
    }
}
