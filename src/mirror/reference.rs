//! Image references, by the rules of Docker and containerd, with IPv6 literals that are real addresses.
//!
//! The grammar of Docker takes `[:::]` or port 99999 as well; here brackets hold a specified IPv6 address
//! and a port is one. What the user wrote is kept for printing, [`ImageRef::canonical_registry`] is
//! for comparing.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;

use super::{Digest, DigestError};

/// Where references without a registry come from.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// Docker Hub under its other names.
const HUB_ALIASES: &[&str] = &[
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
];
const DEFAULT_TAG: &str = "latest";
const MAX_REPOSITORY: usize = 255;
const MAX_TAG: usize = 128;

/// A reference to an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageRef {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no image reference.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Nothing was written.
    #[error("an image reference is empty")]
    Empty,
    /// An IPv6 literal without brackets.
    #[error("`{text}`: an IPv6 address needs brackets, as in `[{host}]:PORT/NAME`")]
    Brackets {
        /// What was written.
        text: String,
        /// The address.
        host: Ipv6Addr,
    },
    /// The part before the first slash is no registry.
    #[error("`{text}`: `{registry}` is not a registry: {reason}")]
    Registry {
        /// What was written.
        text: String,
        /// The part before the first slash.
        registry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The path is not made of proper components.
    #[error("`{text}`: `{repository}` is not a repository: {reason}")]
    Repository {
        /// What was written.
        text: String,
        /// The path.
        repository: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The tag is no tag.
    #[error(
        "`{text}`: `{tag}` is not a tag: 1 to 128 letters, digits, `_`, `.` or `-`, not beginning with `.` or `-`"
    )]
    Tag {
        /// What was written.
        text: String,
        /// The tag.
        tag: String,
    },
    /// The digest is no digest.
    #[error("`{text}`")]
    Digest {
        /// What was written.
        text: String,
        /// What is wrong with it.
        #[source]
        source: DigestError,
    },
    /// 64 hexadecimal digits, which are an image id.
    #[error("`{text}` is an image id, not a name")]
    ImageId {
        /// What was written.
        text: String,
    },
}

impl ImageRef {
    /// A reference from its parts.
    pub fn with_tag(registry: &str, repository: &str, tag: &str) -> Result<Self, ReferenceError> {
        format!("{registry}/{repository}:{tag}").parse()
    }

    /// The registry as it was written, `docker.io` where none was.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path below the registry, with `library/` where Docker Hub has it.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` where neither tag nor digest was written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest; it decides where both are given.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The registry in the form that is compared: lower case, one name for Docker Hub, RFC 5952 literals.
    pub fn canonical_registry(&self) -> String {
        let lower = self.registry.to_ascii_lowercase();
        if HUB_ALIASES.contains(&lower.as_str()) {
            return DEFAULT_REGISTRY.to_owned();
        }
        match lower
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((address, "")) => match address.parse::<Ipv6Addr>() {
                Ok(address) => crate::net::Host::Ip(address.into()).to_string(),
                Err(_) => lower,
            },
            Some(_) => lower
                .parse::<SocketAddr>()
                .map_or(lower, |address| address.to_string()),
            None => lower,
        }
    }
}

impl FromStr for ImageRef {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if text.len() == 64 && text.bytes().all(is_lower_hex) {
            return Err(ReferenceError::ImageId {
                text: text.to_owned(),
            });
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                let digest = digest.parse().map_err(|source| ReferenceError::Digest {
                    text: text.to_owned(),
                    source,
                })?;
                (name, Some(digest))
            }
            None => (text, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((left, right)) if is_registry(left) => (left, right),
            _ => (DEFAULT_REGISTRY, name),
        };
        check_registry(text, registry)?;
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) => (path, Some(check_tag(text, tag)?)),
            None => (path, None),
        };
        let registry = if registry == "index.docker.io" {
            DEFAULT_REGISTRY
        } else {
            registry
        };
        let repository = if registry == DEFAULT_REGISTRY && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        check_repository(text, path, &repository)?;
        let tag = match (tag, &digest) {
            (None, None) => Some(DEFAULT_TAG.to_owned()),
            (tag, _) => tag,
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag,
            digest,
        })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(formatter, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Docker's rule for telling a registry from the first component of a path.
fn is_registry(left: &str) -> bool {
    left == "localhost"
        || left.contains(['.', ':', '['])
        || left.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn check_registry(text: &str, registry: &str) -> Result<(), ReferenceError> {
    let refuse = |reason| ReferenceError::Registry {
        text: text.to_owned(),
        registry: registry.to_owned(),
        reason,
    };
    let (host, port) = if let Some(rest) = registry.strip_prefix('[') {
        let Some((address, rest)) = rest.split_once(']') else {
            return Err(refuse("the bracket is not closed"));
        };
        check_literal(address).map_err(refuse)?;
        match rest.strip_prefix(':') {
            Some(port) => (None, Some(port)),
            None if rest.is_empty() => (None, None),
            None => return Err(refuse("a port is separated by a colon")),
        }
    } else {
        match registry.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(registry), None),
        }
    };
    if let Some(host) = host {
        if let Some(literal) = unbracketed(registry) {
            return Err(ReferenceError::Brackets {
                text: text.to_owned(),
                host: literal,
            });
        }
        if !host.split('.').all(is_label) {
            return Err(refuse(
                "a host name is letters, digits and dashes, joined by dots",
            ));
        }
    }
    match port {
        Some(port) if !is_port(port) => Err(refuse("a port is a number from 1 to 65535")),
        _ => Ok(()),
    }
}

fn check_literal(address: &str) -> Result<(), &'static str> {
    if address.contains('.') {
        return Err("an IPv4 address stands without brackets");
    }
    match address.parse::<Ipv6Addr>() {
        Ok(address) if address.is_unspecified() => Err("the unspecified address is no host"),
        Ok(_) => Ok(()),
        Err(_) => Err("brackets hold an IPv6 address without zone"),
    }
}

/// The address of `fd00::5` or of `fd00::5:5000`, where a port is taken for the last group.
fn unbracketed(registry: &str) -> Option<Ipv6Addr> {
    let whole = registry.parse::<IpAddr>().ok();
    let without_port = || registry.rsplit_once(':')?.0.parse::<IpAddr>().ok();
    match whole.or_else(without_port)? {
        IpAddr::V6(address) => Some(address),
        IpAddr::V4(_) => None,
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0')
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok()
}

fn check_tag(text: &str, tag: &str) -> Result<String, ReferenceError> {
    let good = (1..=MAX_TAG).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if good {
        Ok(tag.to_owned())
    } else {
        Err(ReferenceError::Tag {
            text: text.to_owned(),
            tag: tag.to_owned(),
        })
    }
}

fn check_repository(text: &str, path: &str, repository: &str) -> Result<(), ReferenceError> {
    let refuse = |reason| ReferenceError::Repository {
        text: text.to_owned(),
        repository: path.to_owned(),
        reason,
    };
    if !path.split('/').all(is_component) {
        return Err(refuse(
            "its parts are lower-case letters and digits, joined by `.`, `_`, `__` or dashes",
        ));
    }
    if repository.len() > MAX_REPOSITORY {
        return Err(refuse("it is longer than 255 characters"));
    }
    Ok(())
}

fn is_component(component: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends_well = |byte: Option<&u8>| byte.is_some_and(|byte| is_alphanumeric(*byte));
    ends_well(bytes.first())
        && ends_well(bytes.last())
        && bytes.split(|byte| is_alphanumeric(*byte)).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || all_dashes(separator)
        })
}

fn all_dashes(separator: &[u8]) -> bool {
    separator.iter().all(|byte| *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>) {
        let image: ImageRef = text.parse().unwrap();
        (image.registry, image.repository, image.tag)
    }

    fn expect(text: &str, registry: &str, repository: &str, tag: &str) {
        let wanted = (
            registry.to_owned(),
            repository.to_owned(),
            Some(tag.to_owned()),
        );
        assert_eq!(parts(text), wanted, "{text}");
    }

    #[test]
    fn names_are_completed_as_docker_does() {
        expect("alpine", "docker.io", "library/alpine", "latest");
        expect(
            "index.docker.io/alpine:3",
            "docker.io",
            "library/alpine",
            "3",
        );
        expect("a/b/c", "docker.io", "a/b/c", "latest");
        expect("localhost:5000", "docker.io", "library/localhost", "5000");
        expect("localhost:5000/foo", "localhost:5000", "foo", "latest");
        expect("docker.io:443/alpine", "docker.io:443", "alpine", "latest");
        expect("MYHOST/foo", "MYHOST", "foo", "latest");
    }

    #[test]
    fn literals_are_registries_in_brackets() {
        expect("[::1]:5000/foo/bar:tag", "[::1]:5000", "foo/bar", "tag");
        expect("[2001:db8::1]/foo", "[2001:db8::1]", "foo", "latest");
        let image: ImageRef = "[0:0:0:0:0:0:0:1]:5000/foo".parse().unwrap();
        assert_eq!(image.canonical_registry(), "[::1]:5000");
        let image: ImageRef = "[2001:DB8:0::1]/foo".parse().unwrap();
        assert_eq!(image.canonical_registry(), "[2001:db8::1]");
        assert_eq!(image.to_string(), "[2001:DB8:0::1]/foo:latest");
    }

    #[test]
    fn a_literal_without_brackets_gets_advice() {
        let error = "fd00::5:5000/foo".parse::<ImageRef>().unwrap_err();
        assert!(error.to_string().contains("needs brackets"), "{error}");
    }

    #[test]
    fn what_only_looks_like_a_reference_is_refused() {
        for text in [
            "",
            " foo",
            "foo ",
            "/foo",
            "foo/",
            "foo//bar",
            "Foo",
            "foo..bar",
            "foo_-bar",
            "foo___bar",
            "foo:-tag",
            "foo:a+b",
            "[::]:5000/foo",
            "[:::]:5000/foo",
            "[::1]:99999/foo",
            "[::1]:0/foo",
            "[::1]:/foo",
            "[::1]5000/foo",
            "[::1]:5000",
            "[1.2.3.4]:5000/foo",
            "[fe80::1%25eth0]/foo",
            "[::ffff:192.0.2.1]:5000/foo",
            "example.com:0/foo",
            "example.com:080/foo",
            "example.com./foo",
            "ex_ample.com/foo",
            "docker://alpine",
            "user@host/foo",
            "[::1]:5000/foo:tag:x",
            "foo@sha256:abcd",
        ] {
            assert!(text.parse::<ImageRef>().is_err(), "{text}");
        }
        assert!("a3".repeat(32).parse::<ImageRef>().is_err());
    }

    #[test]
    fn tag_and_digest_are_both_kept() {
        let text = format!("quay.io/a/b:v1@sha256:{}", "a3".repeat(32));
        assert_eq!(text.parse::<ImageRef>().unwrap().to_string(), text);
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(text in "(\\[(::1|fd00:10::5)\\]:5000/|host\\.example/|)[a-z0-9]{1,5}(/[a-z0-9]{1,5})?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,5})?") {
            let image: ImageRef = text.parse().unwrap();
            proptest::prop_assert_eq!(image.to_string().parse::<ImageRef>().unwrap(), image);
        }
    }
}
