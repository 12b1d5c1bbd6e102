//! A plan rendered to kind's document, read back and compared.

use serde_json::{Value, json};

use super::{
    API_VERSION, CLUSTER_KIND, Cluster, ClusterPlan, Node, apply_defaults, decode, validate,
};
use crate::{
    generate::{GenerateError, REGISTRY_CONFIG_PATH, templates},
    yaml,
};

const DOCUMENT: &str = "cluster document";
/// How often kubelets look at themselves. The default of 10 s is most of what a node with a pod
/// network still needs to become Ready; a handful of local nodes can afford more.
const STATUS_FREQUENCY: &str = "1s";

/// A document that is known to say what its plan says, and to be accepted by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindDocument {
    /// The YAML text.
    pub text: String,
    /// The text as kind reads it, before defaults.
    pub cluster: Cluster,
}

/// Renders a plan.
///
/// # Errors
///
/// A text that cannot be read back, that differs from the plan, or that kind would refuse.
pub fn render(plan: &ClusterPlan) -> Result<KindDocument, GenerateError> {
    let text = templates::render(templates::KIND_CLUSTER, &data(plan))?;
    let read_back = |source: yaml::YamlError| GenerateError::ReadBack {
        document: DOCUMENT,
        source: Box::new(source),
    };
    let value: Value = yaml::parse(&text, "kind.yaml").map_err(read_back)?;
    let cluster = decode(&value).map_err(|problems| GenerateError::Refused { problems })?;
    compare(plan, &cluster)?;
    let mut complete = cluster.clone();
    apply_defaults(&mut complete);
    let problems = validate(&complete);
    if problems.is_empty() {
        Ok(KindDocument { text, cluster })
    } else {
        Err(GenerateError::Refused { problems })
    }
}

fn data(plan: &ClusterPlan) -> Value {
    let nodes: Vec<Value> = roles(plan.workers)
        .map(|role| json!({ "role": role, "image": plan.image.as_deref().unwrap_or_default() }))
        .collect();
    let arguments: Vec<Value> = plan
        .controller_manager_args
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let networking = plan.networking();
    json!({
        "name": plan.name,
        "ip_family": networking.ip_family,
        "api_server_address": networking.api_server_address,
        "pod_subnet": networking.pod_subnet,
        "service_subnet": networking.service_subnet,
        "feature_gates": plan.feature_gates,
        "controller_manager_args": arguments,
        "status_frequency": STATUS_FREQUENCY,
        "accept_cgroup_v1": plan.accept_cgroup_v1,
        "registry_path_patch": plan.set_registry_path,
        "registry_path": REGISTRY_CONFIG_PATH,
        "nodes": nodes,
    })
}

fn roles(workers: u8) -> impl Iterator<Item = &'static str> {
    std::iter::once("control-plane").chain(std::iter::repeat_n("worker", workers.into()))
}

/// Compares what kind will read with what the plan says.
fn compare(plan: &ClusterPlan, read: &Cluster) -> Result<(), GenerateError> {
    let expected = Cluster {
        kind: CLUSTER_KIND.to_owned(),
        api_version: API_VERSION.to_owned(),
        name: plan.name.clone(),
        nodes: roles(plan.workers)
            .map(|role| Node {
                role: role.to_owned(),
                image: plan.image.clone().unwrap_or_default(),
                ..Node::default()
            })
            .collect(),
        networking: plan.networking(),
        feature_gates: plan
            .feature_gates
            .iter()
            .map(|gate| (gate.clone(), true))
            .collect(),
        kubeadm_config_patches: read.kubeadm_config_patches.clone(),
        containerd_config_patches: read.containerd_config_patches.clone(),
        ..Cluster::default()
    };
    let differs = |part: &str| GenerateError::Differs {
        document: DOCUMENT,
        part: part.to_owned(),
    };
    if expected.networking != read.networking {
        return Err(differs("networking"));
    }
    if expected != *read {
        return Err(differs("the nodes, the name or the feature gates"));
    }
    let patches = read
        .kubeadm_config_patches
        .iter()
        .map(|text| yaml::parse::<Value>(text, "kubeadmConfigPatches"))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| GenerateError::ReadBack {
            document: DOCUMENT,
            source: Box::new(source),
        })?;
    if patches != expected_patches(plan) {
        return Err(differs("the kubeadm patches"));
    }
    if read.containerd_config_patches.len() != usize::from(plan.set_registry_path) {
        return Err(differs("the containerd patches"));
    }
    Ok(())
}

fn expected_patches(plan: &ClusterPlan) -> Vec<Value> {
    let mut patches = Vec::new();
    if !plan.controller_manager_args.is_empty() {
        let arguments: serde_json::Map<String, Value> = plan
            .controller_manager_args
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        patches.push(json!({
            "kind": "ClusterConfiguration",
            "controllerManager": { "extraArgs": arguments },
        }));
    }
    let mut kubelet = json!({
        "kind": "KubeletConfiguration",
        "nodeStatusUpdateFrequency": STATUS_FREQUENCY,
    });
    if plan.accept_cgroup_v1 {
        kubelet["failCgroupV1"] = false.into();
    }
    patches.push(kubelet);
    patches
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;
    use crate::{
        generate::kind::{CgroupVersion, PlanOptions},
        ipam::AddressPlan,
        net::Families,
    };

    fn options(workers: u8) -> PlanOptions {
        PlanOptions {
            name: "garden6".to_owned(),
            workers,
            image: Some("example.org/node:v1.36.1".to_owned()),
            kubernetes: Some(Version::new(1, 36, 1)),
            cgroups: CgroupVersion::V2,
            set_registry_path: true,
        }
    }

    fn addresses(families: &str) -> AddressPlan {
        AddressPlan::default_for(families.parse::<Families>().unwrap())
    }

    fn rendered(families: &str, options: PlanOptions) -> String {
        render(&ClusterPlan::new(&addresses(families), options))
            .unwrap()
            .text
    }

    #[test]
    fn documents_of_every_family_and_size_are_as_recorded() {
        for families in ["ipv6", "ipv6,ipv4", "ipv4,ipv6", "ipv4"] {
            for workers in [0, 2] {
                let name = format!("kind_{}_{workers}_workers", families.replace(',', "_"));
                insta::assert_snapshot!(name, rendered(families, options(workers)));
            }
        }
    }

    #[test]
    fn dual_stack_before_1_21_needs_the_gate() {
        let old = || PlanOptions {
            kubernetes: Some(Version::new(1, 20, 2)),
            ..options(0)
        };
        assert!(rendered("dual", old()).contains("\"IPv6DualStack\": true"));
        assert!(!rendered("ipv6", old()).contains("featureGates"));
        assert!(!rendered("dual", options(0)).contains("featureGates"));
    }

    #[test]
    fn a_kubelet_that_refuses_cgroup_v1_is_told_to_accept_it() {
        let on_v1 = |minor: u64| PlanOptions {
            kubernetes: Some(Version::new(1, minor, 0)),
            cgroups: CgroupVersion::V1,
            ..options(0)
        };
        assert!(rendered("ipv6", on_v1(35)).contains("failCgroupV1: false"));
        assert!(!rendered("ipv6", on_v1(34)).contains("failCgroupV1"));
    }

    #[test]
    fn node_masks_that_differ_from_the_default_become_arguments() {
        let mut plan = addresses("ipv6");
        plan.v6.node_mask = 72;
        let text = render(&ClusterPlan::new(&plan, options(0))).unwrap().text;
        assert!(text.contains("\"node-cidr-mask-size\": \"72\""), "{text}");
        let mut plan = addresses("dual");
        plan.v6.node_mask = 72;
        let text = render(&ClusterPlan::new(&plan, options(0))).unwrap().text;
        assert!(
            text.contains("\"node-cidr-mask-size-ipv6\": \"72\""),
            "{text}"
        );
    }

    #[test]
    fn a_name_kind_refuses_is_refused_before_kind_runs() {
        let options = PlanOptions {
            name: "Garden_6".to_owned(),
            ..options(0)
        };
        let error = render(&ClusterPlan::new(&addresses("ipv6"), options)).unwrap_err();
        assert!(matches!(error, GenerateError::Refused { .. }), "{error}");
    }
}
