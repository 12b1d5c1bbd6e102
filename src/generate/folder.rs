//! All files of an environment: what a person needs beside `docker`, `kind` and `kubectl`.

use super::{
    Artifact, GenerateError, HostsToml, Plan, REGISTRY_CONFIG_PATH, Templates, calico, coredns,
    garden, kind, ptp, readme::readme, stream::stream,
};
use crate::{
    api::{crds, validation::Rules},
    config::Cni,
};

/// The text of calico's manifest, and what it is called in errors.
#[derive(Debug, Clone)]
pub struct CalicoSource {
    /// The text.
    pub text: String,
    /// The file or URL.
    pub origin: String,
}

/// How containerd on the nodes reaches the registries of a plan.
pub fn hosts_toml(plan: &Plan, templates: &Templates) -> Result<Vec<Artifact>, GenerateError> {
    let settings = plan.settings();
    let own = HostsToml::plain_http(plan.environment.registry.address.clone());
    let mirrored = settings
        .mirrors
        .iter()
        .map(|mirror| HostsToml::mirrored(mirror.registry.clone(), mirror.endpoint.clone()));
    std::iter::once(own)
        .chain(mirrored)
        .map(|file| file.artifact(settings.containerd, templates))
        .collect()
}

/// Every file of a plan. Manifests of the garden are there if there are rules that they follow.
///
/// # Errors
///
/// Whatever any of the generators reports; also a plan with calico, but without its manifest.
pub fn folder(
    plan: &Plan,
    rules: Option<&Rules>,
    calico_source: Option<&CalicoSource>,
    templates: &Templates,
) -> Result<Vec<Artifact>, GenerateError> {
    let mut files = vec![Artifact::new(
        "README.md",
        readme(plan, rules.is_some(), templates)?,
    )];
    let resolv_conf = coredns::resolv_conf(&plan.environment);
    let document = kind::render(&plan.cluster_of_folder(), templates)?;
    files.push(Artifact::new("kind.yaml", document.text));
    files.extend(hosts_toml(plan, templates)?);
    files.extend(resolv_conf.map(|text| Artifact::new("resolv.conf", text)));
    match &plan.environment.cni {
        Cni::Calico { .. } => {
            let source = calico_source
                .ok_or_else(|| GenerateError::plan("calico", "its manifest is missing"))?;
            let text = calico::manifest(plan, &source.text, &source.origin)?;
            files.push(Artifact::new("calico.yaml", text));
            files.push(Artifact::new(
                "calico-resources.yaml",
                calico::resources(plan)?,
            ));
        }
        Cni::Ptp => files.extend(ptp::files(plan, templates)?),
    }
    if coredns::is_needed(&plan.environment) {
        files.push(Artifact::new(
            "coredns.yaml",
            coredns::coredns(&plan.environment, templates)?,
        ));
    }
    if let Some(rules) = rules {
        files.extend(garden_files(plan, rules, templates)?);
    }
    Ok(files)
}

fn garden_files(
    plan: &Plan,
    rules: &Rules,
    templates: &Templates,
) -> Result<Vec<Artifact>, GenerateError> {
    let definitions = stream("definitions", "The kinds of Gardener.", &crds())?;
    let file = |name: &str, text| Artifact::new(format!("garden/{name}.yaml"), text);
    Ok(vec![
        file("crds", definitions),
        file("namespaces", garden::namespaces()?),
        file("seed", garden::seed_manifest(plan, rules, templates)?),
        file("shoot", garden::shoot(plan, rules, templates)?),
        file("network", garden::network(plan, rules, templates)?),
        file("operating-system", garden::operating_system()?),
        file("policies", garden::network_policies(plan)?),
    ])
}

impl Plan {
    /// The cluster as kind is told where all files are in one folder: that nodes see those which are for them.
    fn cluster_of_folder(&self) -> kind::ClusterPlan {
        let mount = |host: &str, node: &str| kind::Mount {
            host_path: host.to_owned(),
            container_path: node.to_owned(),
            read_only: true,
            ..kind::Mount::default()
        };
        let mut cluster = self.cluster();
        cluster.mounts.push(mount("certs.d", REGISTRY_CONFIG_PATH));
        if !self.environment.resolvers.is_empty() {
            cluster
                .mounts
                .push(mount("resolv.conf", coredns::NODE_RESOLV_CONF));
            cluster.resolv_conf = Some(coredns::NODE_RESOLV_CONF.to_owned());
        }
        cluster
    }
}
