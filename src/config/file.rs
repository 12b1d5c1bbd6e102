//! The file form of a request: what the flags say, in camel case, for people who keep it in a repository.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{CniChoice, EnvironmentName, EnvironmentRequest};
use crate::{
    api::gates::{ApiProfile, FeatureGates},
    ipam::Purpose,
    net::{Cidr, Families, HostPort},
    yaml::{self, YamlError},
};

/// An environment as a file describes it; what is absent is left to flags and defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnvironmentFile {
    name: Option<EnvironmentName>,
    ip_families: Option<Families>,
    docker_subnets: Vec<Cidr>,
    pod_subnets: Vec<Cidr>,
    service_subnets: Vec<Cidr>,
    workers: Option<u8>,
    cni: Option<CniChoice>,
    calico_manifest: Option<PathBuf>,
    node_image: Option<String>,
    kind: Option<PathBuf>,
    docker_network: Option<String>,
    registry: Option<HostPort>,
    registry_image: Option<String>,
    resolvers: Vec<IpAddr>,
    api_profile: Option<ApiProfile>,
    feature_gates: Option<FeatureGates>,
}

impl EnvironmentFile {
    /// Reads the text of the file at `path`. Relative paths in it are relative to its folder.
    pub fn parse(text: &str, path: &Path) -> Result<Self, YamlError> {
        let mut file: Option<Self> = yaml::parse(text, &path.display().to_string())?;
        let file = file.take().unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("."));
        let beside = |path: PathBuf| {
            // A bare program name is looked up in PATH.
            if path.components().count() > 1 {
                folder.join(path)
            } else {
                path
            }
        };
        Ok(Self {
            calico_manifest: file.calico_manifest.map(|path| folder.join(path)),
            kind: file.kind.map(beside),
            ..file
        })
    }

    /// The name of the environment, if the file has one.
    pub const fn name(&self) -> Option<&EnvironmentName> {
        self.name.as_ref()
    }

    /// What was typed, and what the file says where nothing was typed. A typed range replaces
    /// those of its purpose and family only.
    pub fn under(self, typed: EnvironmentRequest) -> EnvironmentRequest {
        let of = |purpose, cidrs: Vec<Cidr>| cidrs.into_iter().map(move |cidr| (purpose, cidr));
        let mut ranges = typed.ranges;
        let kept: Vec<(Purpose, Cidr)> = of(Purpose::Docker, self.docker_subnets)
            .chain(of(Purpose::Pods, self.pod_subnets))
            .chain(of(Purpose::Services, self.service_subnets))
            .filter(|(purpose, cidr)| {
                !ranges
                    .iter()
                    .any(|(typed, other)| typed == purpose && other.family() == cidr.family())
            })
            .collect();
        ranges.extend(kept);
        EnvironmentRequest {
            name: typed.name,
            families: typed.families.or(self.ip_families),
            ranges,
            workers: typed.workers.or(self.workers),
            cni: typed.cni.or(self.cni),
            calico_manifest: typed.calico_manifest.or(self.calico_manifest),
            node_image: typed.node_image.or(self.node_image),
            kind_binary: typed.kind_binary.or(self.kind),
            docker_network: typed.docker_network.or(self.docker_network),
            registry: typed.registry.or(self.registry),
            registry_image: typed.registry_image.or(self.registry_image),
            resolvers: if typed.resolvers.is_empty() {
                self.resolvers
            } else {
                typed.resolvers
            },
            api_profile: typed.api_profile.or(self.api_profile),
            feature_gates: typed.feature_gates.or(self.feature_gates),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::BackendKind, net::IpFamily};

    const TEXT: &str = "\
name: team
ipFamilies: [IPv6, IPv4]
podSubnets: ['fd00:20::/48', 10.8.0.0/15]
workers: 2
cni: ptp
kind: bin/kind
featureGates: {DualStack: true}
";

    fn read(text: &str) -> Result<EnvironmentFile, YamlError> {
        EnvironmentFile::parse(text, Path::new("dev/garden6.yaml"))
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let typed = EnvironmentRequest {
            workers: Some(1),
            ranges: vec![(Purpose::Pods, "fd00:30::/48".parse().unwrap())],
            ..EnvironmentRequest::default()
        };
        let environment = read(TEXT)
            .unwrap()
            .under(typed)
            .resolve(BackendKind::Kind)
            .unwrap();
        let plan = &environment.plan;
        assert_eq!(plan.families, Families::dual(IpFamily::V6));
        assert_eq!(plan.v6.pods.to_string(), "fd00:30::/48");
        assert_eq!(plan.v4.pods.to_string(), "10.8.0.0/15");
        assert_eq!(environment.workers, 1);
        assert_eq!(environment.docker_network, "kind");
    }

    #[test]
    fn paths_are_relative_to_the_folder_of_the_file() {
        let request = read(TEXT).unwrap().under(EnvironmentRequest::default());
        assert_eq!(request.kind_binary, Some(PathBuf::from("dev/bin/kind")));
        let plain = read("kind: kind\n").unwrap();
        assert_eq!(plain.kind, Some(PathBuf::from("kind")));
    }

    #[test]
    fn what_a_file_cannot_say_is_named_with_its_place() {
        for (text, expected) in [
            (
                "name: x\nworker: 2\n",
                "dev/garden6.yaml:2:1: unknown field `worker`",
            ),
            ("podSubnets: [10.0.0.1/8]\n", "dev/garden6.yaml:1:"),
            ("ipFamilies: [ipv6]\n", "dev/garden6.yaml:1:"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        assert_eq!(read("").unwrap(), EnvironmentFile::default());
    }
}
