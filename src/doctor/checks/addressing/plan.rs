//! The ranges that the user chose.

use std::net::IpAddr;

use super::{super::prelude::*, BASE};
use crate::{
    doctor::{facts::PlannedPrefixes, finding::Finding},
    net::{Cidr, IpFamily},
};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "ula-prefix-quality",
    title: "Chosen IPv6 ranges",
    ceiling: Ceiling([W, W, N]),
    fix: FixClass::Safe,
    reads: "the planned ranges",
    rule: "defaults pass. Ranges for documentation, withdrawn ones, host bits and services larger than /108 warn; private ranges that were not drawn \
           at random, global ones and nodes in anything but a /64 are told",
    why: "ranges are hard to change later, and collide when two sites meet over a VPN",
    remedies: &[Remedy::any(
        "draw a random private /48 (RFC 4193) and cut the ranges from it",
        &[
            "printf 'fd%s::/48\\n' \"$(openssl rand -hex 5 | sed 's/^\\(..\\)\\(....\\)\\(....\\)$/\\1:\\2:\\3/')\"",
        ],
    )],
    link: Some("https://www.rfc-editor.org/rfc/rfc4193"),
    run: quality,
    ..BASE
}];

/// Ranges that lead nowhere, and why.
const DEAD: [(&str, &str); 3] = [
    ("2001:db8::/32", "is for documentation (RFC 3849)"),
    ("fec0::/10", "is site-local, which was withdrawn (RFC 3879)"),
    (
        "3ffe::/16",
        "is of the 6bone, which was withdrawn (RFC 3701)",
    ),
];
/// Largest range of services that kube-apiserver takes.
const LARGEST_SERVICES: u8 = 108;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every check of the catalogue has this signature"
)]
fn quality(ask: &Ask<'_>) -> Verdict {
    let PlannedPrefixes::Chosen(texts) = &ask.plan().prefixes else {
        return Ok(pass("the ranges are defaults"));
    };
    if ask.is_gardener() {
        return Ok(pass("Gardener's local setup has ranges of its own"));
    }
    let v6: Vec<&String> = texts.iter().filter(|text| text.contains(':')).collect();
    let mut findings = Vec::new();
    for (index, text) in v6.iter().enumerate() {
        match text.parse::<Cidr>() {
            Ok(cidr) => findings.extend(judge(cidr, index)),
            Err(error) => findings.push(warn(error.to_string())),
        }
    }
    Ok(worst(
        findings,
        pass("the chosen ranges are private and random"),
    ))
}

fn judge(cidr: Cidr, index: usize) -> Vec<Finding> {
    let inside = |text: &str| {
        text.parse::<Cidr>()
            .is_ok_and(|other| other.contains_cidr(cidr))
    };
    let mut findings: Vec<Finding> = DEAD
        .iter()
        .filter(|(range, _)| inside(range))
        .map(|(_, why)| warn(format!("{cidr} {why}")).values(cidr, "a random private prefix"))
        .collect();
    if index == 2 && cidr.prefix_len() < LARGEST_SERVICES {
        findings.push(
            warn(format!(
                "services {cidr} are more than kube-apiserver takes"
            ))
            .values(cidr, format!("/{LARGEST_SERVICES} or longer")),
        );
    }
    if index == 0 && cidr.prefix_len() != 64 {
        findings.push(info(format!("nodes have {cidr}, which is no /64")));
    }
    if !inside("fc00::/7") && cidr.family() == IpFamily::V6 {
        findings.push(info(format!(
            "{cidr} is not private: make sure that it is yours"
        )));
    } else if inside("fd00::/8") && few_bits(cidr) {
        findings.push(info(format!(
            "{cidr} was not drawn at random: other sites have it as well"
        )));
    }
    findings
}

/// Whether three or more of the five bytes of the global id (RFC 4193) are zero.
fn few_bits(cidr: Cidr) -> bool {
    match cidr.network() {
        IpAddr::V6(address) => {
            let zero = |byte: &u8| *byte == 0;
            address
                .octets()
                .into_iter()
                .skip(1)
                .take(5)
                .filter(zero)
                .count()
                >= 3
        }
        IpAddr::V4(_) => false,
    }
}
