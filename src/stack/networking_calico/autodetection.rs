//! The grammar of address detection methods, as the extension reads it (calico-node reads more).

use regex::Regex;

use super::validation::is_canonical;

/// Whether a text names a detection method.
pub(super) fn is_method(text: &str) -> bool {
    match text.split_once('=') {
        None => matches!(text, "first-found" | "kubernetes-internal-ip"),
        Some(("cidr", range)) => is_canonical(range),
        Some(("can-reach", target)) => is_strict_address(target) || is_dns_name(target),
        Some(("interface" | "skip-interface", pattern)) => Regex::new(pattern).is_ok(),
        Some(_) => false,
    }
}

/// An address in its canonical spelling.
fn is_strict_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.to_string() == text)
}

/// A lower-case DNS subdomain (RFC 1123); digits alone are a label, too.
fn is_dns_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = label.as_bytes();
        bytes.len() <= 63
            && edge(bytes.first())
            && edge(bytes.last())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    !text.is_empty() && text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_methods_of_the_extension_pass() {
        for (text, expected) in [
            ("first-found", true),
            ("kubernetes-internal-ip", true),
            ("First-Found", false),
            ("first-found=x", false),
            ("cidr=fd00:10:1:100::/56", true),
            ("cidr=fd00::/56,fd01::/56", false),
            ("can-reach=2606:4700:4700::1111", true),
            ("can-reach=2606:4700:4700:0::1111", false),
            ("can-reach=10.0.0.01", true),
            ("can-reach=Example.com", false),
            ("interface=eth.*", true),
            ("interface=(", false),
            ("skip-interface=docker.*|br-.*", true),
        ] {
            assert_eq!(is_method(text), expected, "{text}");
        }
    }
}
