//! How the name of a copy is made from the name of its source.

use std::{fmt, net::Ipv6Addr};

use serde::Serialize;

use crate::mirror::{ImageRef, naming};

/// A scheme of names. It is a property of the plan, so that copies and rewritten files agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// The last two parts of the path, as Gardener names its copies. Different sources can have
    /// the same name, which a plan refuses.
    #[default]
    Gardener,
    /// Registry and path. Different sources have different names.
    Full,
}

impl Naming {
    /// The path of a copy below the place of all copies.
    pub fn name(self, image: &ImageRef) -> String {
        match self {
            Self::Gardener => naming::short_name(image),
            Self::Full => format!(
                "{}/{}",
                path_safe(&image.canonical_registry()),
                image.repository()
            ),
        }
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gardener => "gardener",
            Self::Full => "full",
        })
    }
}

/// A registry as one part of a path: `HOST`, `HOST__PORT`, `v6_G_G_G_G_G_G_G_G__PORT`.
///
/// Host names have no underscore, so no two registries become the same part. An address is written
/// with all of its groups because a part cannot end with a separator.
fn path_safe(registry: &str) -> String {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']').unwrap_or((rest, ""));
            let groups = address.parse().map_or_else(|_| address.to_owned(), groups);
            (groups, rest.strip_prefix(':'))
        }
        None => match registry.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (registry.to_owned(), None),
        },
    };
    match port {
        Some(port) => format!("{host}__{port}"),
        None => host,
    }
}

fn groups(address: Ipv6Addr) -> String {
    let groups: Vec<String> = address
        .segments()
        .iter()
        .map(|group| format!("{group:x}"))
        .collect();
    format!("v6_{}", groups.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        Naming::Full.name(&text.parse().unwrap())
    }

    #[test]
    fn full_names_are_paths_that_a_registry_takes() {
        for (source, name) in [
            ("alpine:3", "docker.io/library/alpine"),
            (
                "registry-1.docker.io/library/alpine",
                "docker.io/library/alpine",
            ),
            ("ghcr.io/a/b/c", "ghcr.io/a/b/c"),
            ("localhost:5000/a", "localhost__5000/a"),
            ("[2001:db8::]:5000/a", "v6_2001_db8_0_0_0_0_0_0__5000/a"),
            ("[::1]/a", "v6_0_0_0_0_0_0_0_1/a"),
            ("MYHOST/a", "myhost/a"),
        ] {
            assert_eq!(full(source), name);
            format!("mirror.local/{name}").parse::<ImageRef>().unwrap();
        }
    }

    #[test]
    fn sources_that_gardener_names_alike_differ_in_full() {
        for (left, right) in [
            ("docker.io/fluent/fluent-bit", "ghcr.io/fluent/fluent-bit"),
            ("docker.io/library/alpine", "quay.io/alpine"),
        ] {
            let short = |text: &str| Naming::Gardener.name(&text.parse().unwrap());
            assert_eq!(short(left), short(right));
            assert_ne!(full(left), full(right));
        }
    }
}
