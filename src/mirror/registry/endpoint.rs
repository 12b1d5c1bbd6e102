//! Where a registry is reached, which need not be where its references say.

use std::net::IpAddr;

use reqwest::Url;

use crate::{
    mirror::{MirrorError, naming},
    net::HostPort,
};

/// The address of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
    name: String,
}

impl Endpoint {
    /// A registry without TLS: one of ours, on a loopback or unique local address.
    pub fn plain_http(address: &HostPort) -> Self {
        Self::at("http", address)
    }

    /// A registry behind TLS.
    pub fn https(address: &HostPort) -> Self {
        Self::at("https", address)
    }

    /// The registry of references that name it so: `docker.io`, `quay.io`, `[fd00::1]:5000`.
    ///
    /// Loopback registries are spoken to without TLS, as containerd does, others only where `plain_http` says so.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Protocol`] if the name makes no URL.
    pub fn of_registry(name: &str, plain_http: bool) -> Result<Self, MirrorError> {
        let found = naming::host_of(name);
        let scheme = if plain_http { "http" } else { found.scheme };
        let base = Url::parse(&format!("{scheme}://{}/", found.host)).map_err(|error| {
            MirrorError::Protocol {
                action: "be found".to_owned(),
                registry: name.to_owned(),
                reason: format!("its name makes no URL: {error}"),
            }
        })?;
        Ok(Self {
            base,
            name: name.to_owned(),
        })
    }

    fn at(scheme: &str, address: &HostPort) -> Self {
        Self {
            base: Url::parse(&address.url(scheme))
                .expect("invariant: a scheme, a host and a port make a URL"),
            name: address.to_string(),
        }
    }

    /// How references call the registry; also the key of its credentials.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }
}

/// Whether a URL leads to an address that only this network knows: loopback, link-local, unique local, private.
///
/// Names are not looked up, so a name that leads there is not seen.
pub(in crate::mirror) fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
        Ok(IpAddr::V4(address)) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Why a registry at `from` must not send its clients to `to`, if so.
///
/// From https to http would show content and session to everybody; from a public registry onto a private address
/// would let it reach into this network.
pub(in crate::mirror) fn forbids(from: &Url, to: &Url) -> Option<&'static str> {
    if !matches!(to.scheme(), "http" | "https") {
        return Some("it leads to something that is not HTTP");
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return Some("it leads from https to http");
    }
    let same_host = from.host_str() == to.host_str();
    (!same_host && is_private(to) && !is_private(from))
        .then_some("it leads from a public registry to a private address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_urls() {
        for (name, plain, url) in [
            ("docker.io", false, "https://registry-1.docker.io/"),
            ("[::1]:5000", false, "http://[::1]:5000/"),
            ("[fd00::5]:5001", false, "https://[fd00::5]:5001/"),
            ("[fd00::5]:5001", true, "http://[fd00::5]:5001/"),
            ("ghcr.io", false, "https://ghcr.io/"),
        ] {
            let endpoint = Endpoint::of_registry(name, plain).unwrap();
            assert_eq!((endpoint.base.as_str(), endpoint.name()), (url, name));
        }
    }

    #[test]
    fn registries_lead_neither_out_of_tls_nor_into_private_networks() {
        for (from, to, forbidden) in [
            ("https://reg.io/v2/", "https://cdn.reg.io/x", false),
            ("https://reg.io/v2/", "http://reg.io/x", true),
            ("https://reg.io/v2/", "https://[fd00::1]/x", true),
            ("https://reg.io/v2/", "https://[::1]/x", true),
            ("https://reg.io/v2/", "https://169.254.169.254/x", true),
            ("https://reg.io/v2/", "https://localhost/x", true),
            ("https://reg.io/v2/", "file:///etc/passwd", true),
            (
                "http://[fd00::1]:5000/v2/",
                "http://[fd00::2]:9000/x",
                false,
            ),
            ("https://10.0.0.1/v2/", "https://10.0.0.2/x", false),
        ] {
            let url = |text: &str| Url::parse(text).unwrap();
            assert_eq!(
                forbids(&url(from), &url(to)).is_some(),
                forbidden,
                "{from} {to}"
            );
        }
    }
}
