//! `hosts.toml`: how containerd on a node reaches one registry.

use serde_json::json;

use super::{GenerateError, templates};
use crate::net::HostPort;

/// Folder containerd reads per-registry files from.
pub const REGISTRY_CONFIG_PATH: &str = "/etc/containerd/certs.d";

/// The file for one registry that is spoken to in plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostsToml {
    registry: HostPort,
    mirror: HostPort,
}

impl HostsToml {
    /// A registry that is its own mirror.
    ///
    /// The `host` table is needed although it names the same address: only there plain HTTP can be asked for.
    pub fn plain_http(registry: HostPort) -> Self {
        Self {
            mirror: registry.clone(),
            registry,
        }
    }

    /// A registry that is read through a mirror, and never directly.
    ///
    /// `server` names the mirror too, because containerd otherwise falls back to the registry itself,
    /// which on an IPv6-only node is a wait until the dial time-out.
    pub fn mirrored(registry: HostPort, mirror: HostPort) -> Self {
        Self { registry, mirror }
    }

    /// Where the file belongs on a node.
    pub fn path(&self) -> String {
        format!("{REGISTRY_CONFIG_PATH}/{}/hosts.toml", self.registry)
    }

    /// The content.
    ///
    /// # Errors
    ///
    /// [`GenerateError::Plan`] for an IPv6 literal: the TOML reader of containerd 1.x cannot take one in a
    /// table name, so registries of nodes are named.
    pub fn render(&self) -> Result<String, GenerateError> {
        if matches!(
            self.mirror.host,
            crate::net::Host::Ip(std::net::IpAddr::V6(_))
        ) {
            return Err(GenerateError::Plan {
                subject: format!("hosts.toml for {}", self.registry),
                reason: "containerd 1.x cannot read an IPv6 literal there, use a name".to_owned(),
            });
        }
        let url = self.mirror.url("http");
        templates::render(templates::HOSTS_TOML, &json!({ "server": url, "url": url }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_a_host_table_with_capabilities() {
        let file = HostsToml::plain_http("registry.local.gardener.cloud:5001".parse().unwrap());
        insta::assert_snapshot!(file.path(), @"/etc/containerd/certs.d/registry.local.gardener.cloud:5001/hosts.toml");
        insta::assert_snapshot!(file.render().unwrap(), @r#"
        server = "http://registry.local.gardener.cloud:5001"

        [host."http://registry.local.gardener.cloud:5001"]
          capabilities = ["pull", "resolve"]
        "#);
    }

    #[test]
    fn an_ipv6_literal_is_refused() {
        let file = HostsToml::plain_http("[fd00:10::5]:5001".parse().unwrap());
        assert!(file.render().is_err());
    }
}
