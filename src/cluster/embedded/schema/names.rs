//! Syntax of names, label keys and label values (RFC 1123, RFC 1035 and the Kubernetes rules).
//!
//! Every function returns what is wrong as sentences, in upstream's words; an empty list is good.

use std::sync::LazyLock;

use regex::Regex;

/// The longest DNS label.
const LABEL_MAX: usize = 63;
/// The longest DNS subdomain.
const SUBDOMAIN_MAX: usize = 253;

static DNS_LABEL: LazyLock<Regex> = LazyLock::new(|| pattern("[a-z0-9]([-a-z0-9]*[a-z0-9])?"));
static DNS1035_LABEL: LazyLock<Regex> = LazyLock::new(|| pattern("[a-z]([-a-z0-9]*[a-z0-9])?"));
static SUBDOMAIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"));
static QUALIFIED: LazyLock<Regex> =
    LazyLock::new(|| pattern("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"));
static LABEL_VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"));
static ENV_KEY: LazyLock<Regex> = LazyLock::new(|| pattern("[-._a-zA-Z0-9]+"));

fn pattern(inner: &str) -> Regex {
    Regex::new(&format!("^(?:{inner})$")).expect("the pattern is a constant and valid")
}

/// Checks a lowercase RFC 1123 label.
pub fn dns_label_problems(value: &str) -> Vec<String> {
    let mut problems = too_long(value, LABEL_MAX);
    if !DNS_LABEL.is_match(value) {
        if SUBDOMAIN.is_match(value) {
            problems.push("must not contain dots".to_owned());
        } else {
            problems.push(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                 '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
                 '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
                    .to_owned(),
            );
        }
    }
    problems
}

/// Checks an RFC 1035 label, which Services and namespaces of old used.
pub fn dns1035_label_problems(value: &str) -> Vec<String> {
    let mut problems = too_long(value, LABEL_MAX);
    if !DNS1035_LABEL.is_match(value) {
        problems.push(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start \
             with an alphabetic character, and end with an alphanumeric character (e.g. \
             'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
                .to_owned(),
        );
    }
    problems
}

/// Checks a lowercase RFC 1123 subdomain, the name of most objects.
pub fn dns_subdomain_problems(value: &str) -> Vec<String> {
    let mut problems = too_long(value, SUBDOMAIN_MAX);
    if !SUBDOMAIN.is_match(value) {
        problems.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-' or '.', and must start and end with an alphanumeric character (e.g. \
             'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                .to_owned(),
        );
    }
    problems
}

/// Checks a name that only has to be one segment of a path, as those of RBAC objects.
pub fn path_segment_problems(value: &str) -> Vec<String> {
    if matches!(value, "." | "..") {
        return vec![format!("may not be '{value}'")];
    }
    let forbidden = ["/", "%"].into_iter().filter(|part| value.contains(part));
    forbidden
        .map(|part| format!("may not contain '{part}'"))
        .collect()
}

/// Checks a label key, an annotation key or a qualified finalizer: `[prefix/]name`.
pub fn qualified_name_problems(value: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let name = match value.split_once('/') {
        None => value,
        Some((_, name)) if name.contains('/') => {
            problems.push(format!(
                "a qualified name {} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')",
                qualified_rule()
            ));
            return problems;
        }
        Some((prefix, name)) => {
            if prefix.is_empty() {
                problems.push("prefix part must be non-empty".to_owned());
            } else {
                let found = dns_subdomain_problems(prefix);
                problems.extend(
                    found
                        .into_iter()
                        .map(|problem| format!("prefix part {problem}")),
                );
            }
            name
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL_MAX {
        problems.push(format!("name part must be no more than {LABEL_MAX} bytes"));
    }
    if !QUALIFIED.is_match(name) {
        problems.push(format!("name part {}", qualified_rule()));
    }
    problems
}

fn qualified_rule() -> &'static str {
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
     alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for \
     validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
}

/// Checks the value of a label.
pub fn label_value_problems(value: &str) -> Vec<String> {
    let mut problems = too_long(value, LABEL_MAX);
    if !LABEL_VALUE.is_match(value) {
        problems.push(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', \
             '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  \
             or 'my_value',  or '12345', regex used for validation is \
             '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                .to_owned(),
        );
    }
    problems
}

/// Checks a key of a `ConfigMap` or `Secret`.
pub fn config_key_problems(value: &str) -> Vec<String> {
    let mut problems = too_long(value, SUBDOMAIN_MAX);
    if !ENV_KEY.is_match(value) {
        problems.push(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
             'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is \
             '[-._a-zA-Z0-9]+')"
                .to_owned(),
        );
    } else if value == "." {
        problems.push("must not be '.'".to_owned());
    } else if value == ".." {
        problems.push("must not be '..'".to_owned());
    } else if value.starts_with("..") {
        problems.push("must not start with '..'".to_owned());
    }
    problems
}

fn too_long(value: &str, max: usize) -> Vec<String> {
    if value.len() > max {
        return vec![format!("must be no more than {max} bytes")];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_have_no_problems() {
        let long = "a".repeat(63);
        for name in ["a", "a-b", "0a", long.as_str()] {
            assert_eq!(dns_label_problems(name), [""; 0], "{name}");
        }
        for name in ["a.b-c.d", "1.2"] {
            assert_eq!(dns_subdomain_problems(name), [""; 0], "{name}");
        }
        for name in ["A_b.c", "example.com/Name", "a"] {
            assert_eq!(qualified_name_problems(name), [""; 0], "{name}");
        }
        for value in ["", "A", "a_b.c-d"] {
            assert_eq!(label_value_problems(value), [""; 0], "{value}");
        }
    }

    #[test]
    fn bad_names_are_explained() {
        assert_eq!(dns_label_problems("a.b"), ["must not contain dots"]);
        assert_eq!(
            dns_label_problems(&"a".repeat(64)),
            ["must be no more than 63 bytes"]
        );
        for name in ["", "A", "-a", "a_", "a/b"] {
            assert_ne!(dns_label_problems(name), [""; 0], "{name}");
            assert_ne!(dns_subdomain_problems(name), [""; 0], "{name}");
        }
        assert_ne!(dns1035_label_problems("0a"), [""; 0]);
        assert_eq!(path_segment_problems("a/b"), ["may not contain '/'"]);
        for name in ["", "/a", "a/", "a/b/c", "bad key!", "-a", "UP.case/x"] {
            assert_ne!(qualified_name_problems(name), [""; 0], "{name}");
        }
        assert_ne!(label_value_problems("not ok!"), [""; 0]);
        assert_ne!(config_key_problems(""), [""; 0]);
    }
}
