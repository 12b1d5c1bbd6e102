//! `hosts.toml`: how containerd on a node reaches one registry.

use std::net::IpAddr;

use serde_json::json;

use super::{Artifact, GenerateError, Templates, compare, templates};
use crate::net::{Host, HostPort};

/// Folder containerd reads per-registry files from.
pub const REGISTRY_CONFIG_PATH: &str = "/etc/containerd/certs.d";

const DOCUMENT: &str = "hosts.toml";
const HTTPS: u16 = 443;

/// The containerd that reads a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Containerd {
    /// 1.x, whose TOML reader cannot take a bracket in the name of a table.
    V1,
    /// 2.x, as in the node images of kind since 0.27.
    #[default]
    V2,
}

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

    /// The folder of the registry. containerd looks for the name as image references spell it, and those leave
    /// the port of HTTPS out.
    fn folder(&self) -> String {
        match self.registry.port {
            HTTPS => self.registry.host.to_string(),
            _ => self.registry.to_string(),
        }
    }

    /// Where the file belongs on a node.
    pub fn path(&self) -> String {
        format!("{REGISTRY_CONFIG_PATH}/{}/hosts.toml", self.folder())
    }

    /// The content.
    ///
    /// # Errors
    ///
    /// [`GenerateError::Plan`] for an IPv6 literal that containerd 1.x is going to read.
    pub fn render(
        &self,
        containerd: Containerd,
        templates: &Templates,
    ) -> Result<String, GenerateError> {
        let literal = matches!(self.mirror.host, Host::Ip(IpAddr::V6(_)));
        if literal && containerd == Containerd::V1 {
            return Err(GenerateError::plan(
                format!("hosts.toml for {}", self.registry),
                "containerd 1.x cannot read an IPv6 literal there, use a name",
            ));
        }
        let url = self.mirror.url("http");
        let text =
            templates.render(templates::HOSTS_TOML, &json!({ "server": url, "url": url }))?;
        let found: serde_json::Value =
            toml::from_str(&text).map_err(|source| GenerateError::ReadBack {
                document: DOCUMENT,
                source: Box::new(source),
            })?;
        let expected = json!({
            "server": url,
            "host": { url: { "capabilities": ["pull", "resolve"] } },
        });
        compare::require(DOCUMENT, &expected, &found)?;
        Ok(text)
    }

    /// The file, below a folder `certs.d`.
    ///
    /// # Errors
    ///
    /// As [`HostsToml::render`].
    pub fn artifact(
        &self,
        containerd: Containerd,
        templates: &Templates,
    ) -> Result<Artifact, GenerateError> {
        let content = self.render(containerd, templates)?;
        Ok(Artifact::new(
            format!("certs.d/{}/hosts.toml", self.folder()),
            content,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(file: &HostsToml, containerd: Containerd) -> Result<String, GenerateError> {
        file.render(containerd, Templates::embedded())
    }

    #[test]
    fn the_file_has_a_host_table_with_capabilities() {
        let file = HostsToml::plain_http("registry.local.gardener.cloud:5001".parse().unwrap());
        insta::assert_snapshot!(file.path(), @"/etc/containerd/certs.d/registry.local.gardener.cloud:5001/hosts.toml");
        insta::assert_snapshot!(render(&file, Containerd::V1).unwrap(), @r#"
        server = "http://registry.local.gardener.cloud:5001"

        [host."http://registry.local.gardener.cloud:5001"]
          capabilities = ["pull", "resolve"]
        "#);
    }

    #[test]
    fn an_ipv6_literal_is_for_containerd_2_only() {
        let file = HostsToml::plain_http("[fd00:10::5]:5001".parse().unwrap());
        assert!(render(&file, Containerd::V1).is_err());
        insta::assert_snapshot!(file.path(), @"/etc/containerd/certs.d/[fd00:10::5]:5001/hosts.toml");
        insta::assert_snapshot!(render(&file, Containerd::V2).unwrap(), @r#"
        server = "http://[fd00:10::5]:5001"

        [host."http://[fd00:10::5]:5001"]
          capabilities = ["pull", "resolve"]
        "#);
    }

    #[test]
    fn a_mirrored_registry_has_the_folder_of_its_name() {
        let file = HostsToml::mirrored(
            "docker.io:443".parse().unwrap(),
            "registry.local.gardener.cloud:5001".parse().unwrap(),
        );
        assert_eq!(file.path(), "/etc/containerd/certs.d/docker.io/hosts.toml");
    }

    #[test]
    fn a_template_that_leaves_the_plan_out_is_refused() {
        let overrides = [("kind/hosts.toml".to_owned(), "server = \"x\"\n".to_owned())];
        let templates = Templates::with_overrides(overrides.into()).unwrap();
        let file = HostsToml::plain_http("[fd00:10::5]:5001".parse().unwrap());
        let error = file.render(Containerd::V2, &templates).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the rendered hosts.toml differs from its plan in server"
        );
    }
}
