//! Static rules of records in DNS.

use std::net::IpAddr;

use super::{FieldError, Path, Rules, dns_name};
use crate::api::extensions::{DnsRecord, DnsRecordSpec};

const RECORD_TYPES: [&str; 4] = ["A", "AAAA", "CNAME", "TXT"];

/// The errors of a new [`DnsRecord`].
pub fn create(record: &DnsRecord, rules: &Rules) -> Vec<FieldError> {
    let spec = &record.spec;
    let path = Path::new("spec");
    let mut errors = Vec::new();
    if spec.type_.is_empty() {
        errors.push(FieldError::required(
            &path.child("type"),
            "must name an extension, such as local",
        ));
    }
    if spec
        .secret_ref
        .name
        .as_deref()
        .unwrap_or_default()
        .is_empty()
    {
        let path = path.child("secretRef").child("name");
        errors.push(FieldError::required(&path, "must name a secret"));
    }
    for (name, text) in [("region", &spec.region), ("zone", &spec.zone)] {
        if text.as_ref().is_some_and(String::is_empty) {
            errors.push(FieldError::invalid(
                &path.child(name),
                "",
                "must not be empty if set",
            ));
        }
    }
    errors.extend(dns_name::validate(
        plain_name(spec, rules),
        &path.child("name"),
    ));
    if !RECORD_TYPES.contains(&spec.record_type.as_str()) {
        errors.push(FieldError::not_supported(
            &path.child("recordType"),
            spec.record_type.as_str(),
            &RECORD_TYPES,
        ));
    }
    errors.extend(values(spec, &path.child("values"), rules));
    errors.extend(ttl(spec, &path.child("ttl"), rules));
    errors
}

/// The errors of a changed [`DnsRecord`]: what must not change, then everything that is wrong with it
/// now.
pub fn update(new: &DnsRecord, old: &DnsRecord, rules: &Rules) -> Vec<FieldError> {
    let path = Path::new("spec");
    let deleting = new.metadata.deletion_timestamp.is_some();
    let mut errors = Vec::new();
    if deleting && new.spec != old.spec {
        let detail = "cannot change while the object is being deleted";
        errors.push(FieldError::forbidden(&path, detail));
    } else {
        for (name, new, old) in [
            ("type", &new.spec.type_, &old.spec.type_),
            ("name", &new.spec.name, &old.spec.name),
            ("recordType", &new.spec.record_type, &old.spec.record_type),
        ] {
            errors.extend(FieldError::unless_same(&path.child(name), new, old));
        }
    }
    errors.extend(create(new, rules));
    errors
}

/// The name without the leading part that the record type allows beyond a domain name.
fn plain_name<'a>(spec: &'a DnsRecordSpec, rules: &Rules) -> &'a str {
    let prefix = if spec.record_type == "TXT" && !rules.is_gep21() {
        "_"
    } else {
        "*."
    };
    spec.name.strip_prefix(prefix).unwrap_or(&spec.name)
}

fn values(spec: &DnsRecordSpec, path: &Path, rules: &Rules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if spec.values.is_empty() {
        errors.push(FieldError::required(path, "must have a value"));
    }
    if spec.record_type == "CNAME" && spec.values.len() > 1 {
        let detail = "a CNAME record has exactly one value";
        errors.push(FieldError::invalid(path, spec.values.clone(), detail));
    }
    for (index, value) in spec.values.iter().enumerate() {
        let path = path.index(index);
        errors.extend(match spec.record_type.as_str() {
            "A" | "AAAA" => address(value, &spec.record_type, &path, rules),
            "CNAME" => dns_name::validate(value, &path),
            _ => None,
        });
    }
    errors
}

/// Upstream takes an address of either family for both types; GEP-21 wants the matching one.
fn address(value: &str, record_type: &str, path: &Path, rules: &Rules) -> Option<FieldError> {
    let (accepted, what) = match (rules.is_gep21(), record_type) {
        (true, "A") => (is_ipv4(value), "an IPv4 address"),
        (true, _) => (is_ipv6(value), "an IPv6 address"),
        (false, _) => (value.parse::<IpAddr>().is_ok(), "an IP address"),
    };
    (!accepted).then(|| FieldError::invalid(path, value, format!("must be {what}")))
}

/// An IPv4 address, also in its IPv4-mapped form and with leading zeros, as the Kubernetes
/// libraries of that time read it.
fn is_ipv4(text: &str) -> bool {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => true,
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped().is_some(),
        Err(_) => {
            let octets: Vec<&str> = text.split('.').collect();
            octets.len() == 4 && octets.into_iter().all(is_decimal_octet)
        }
    }
}

fn is_decimal_octet(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let significant = text.trim_start_matches('0');
    digits && (significant.is_empty() || significant.parse::<u8>().is_ok())
}

fn is_ipv6(text: &str) -> bool {
    matches!(text.parse(), Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none())
}

fn ttl(spec: &DnsRecordSpec, path: &Path, rules: &Rules) -> Option<FieldError> {
    let ttl = spec.ttl?;
    // RFC 2181 section 8 gives the upper bound.
    let longest = if rules.is_gep21() {
        i64::MAX
    } else {
        i64::from(i32::MAX)
    };
    (!(0..=longest).contains(&ttl))
        .then(|| FieldError::invalid(path, ttl, format!("must be from 0 to {longest}")))
}
