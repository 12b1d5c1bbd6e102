//! A plan rendered to kind's document, read back and compared.

use serde_json::{Value, json};

use super::{API_VERSION, CLUSTER_KIND, Cluster, ClusterPlan, apply_defaults, decode, validate};
use crate::{
    generate::{GenerateError, REGISTRY_CONFIG_PATH, Templates, compare, templates},
    yaml,
};

const DOCUMENT: &str = "cluster document";
/// How often kubelets look at themselves. The default of 10 s is most of what a node with a pod
/// network still needs to become Ready; a handful of local nodes can afford more.
const STATUS_FREQUENCY: &str = "1s";
/// The label by which schedulers and controllers tell zones apart.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

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
/// The patches for kubeadm carry no API version: kind then applies them to whichever version it writes for the
/// Kubernetes of the image (v1beta2 below 1.23, v1beta3 below 1.36, v1beta4 from then on), and turns the map of
/// arguments into the list of v1beta4 itself, where it keeps its own arguments. A list of ours would replace them.
///
/// # Errors
///
/// A text that cannot be read back, that differs from the plan, or that kind would refuse.
pub fn render(plan: &ClusterPlan, templates: &Templates) -> Result<KindDocument, GenerateError> {
    let text = templates.render(templates::KIND_CLUSTER, &data(plan))?;
    let value: Value = read_back(&text)?;
    let cluster = decode(&value).map_err(|problems| GenerateError::Refused { problems })?;
    compare::require(DOCUMENT, &expected(plan), &value)?;
    compare_patches(plan, &cluster)?;
    let mut complete = cluster.clone();
    apply_defaults(&mut complete);
    let problems = validate(&complete);
    if problems.is_empty() {
        Ok(KindDocument { text, cluster })
    } else {
        Err(GenerateError::Refused { problems })
    }
}

fn read_back(text: &str) -> Result<Value, GenerateError> {
    yaml::parse(text, "kind.yaml").map_err(|source| GenerateError::ReadBack {
        document: DOCUMENT,
        source: Box::new(source),
    })
}

fn data(plan: &ClusterPlan) -> Value {
    let nodes: Vec<Value> = plan
        .nodes
        .iter()
        .map(|node| {
            json!({
                "role": node.role,
                "image": plan.image.as_deref().unwrap_or_default(),
                "zone": node.zone,
                "mounts": plan.mounts,
                "ports": node.ports,
            })
        })
        .collect();
    let arguments: Vec<Value> = plan
        .controller_manager_args
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let gates: Vec<Value> = plan
        .feature_gates
        .iter()
        .map(|(name, on)| json!({ "name": name, "on": on }))
        .collect();
    let networking = plan.networking();
    json!({
        "name": plan.name,
        "ip_family": networking.ip_family,
        "api_server_address": networking.api_server_address,
        "pod_subnet": networking.pod_subnet,
        "service_subnet": networking.service_subnet,
        "feature_gates": gates,
        "controller_manager_args": arguments,
        "status_frequency": STATUS_FREQUENCY,
        "resolv_conf": plan.resolv_conf,
        "accept_cgroup_v1": plan.accept_cgroup_v1,
        "registry_path_patch": plan.set_registry_path,
        "registry_path": REGISTRY_CONFIG_PATH,
        "nodes": nodes,
    })
}

/// What the plan says, apart from the patches.
fn expected(plan: &ClusterPlan) -> Value {
    let networking = plan.networking();
    let nodes: Vec<Value> = plan
        .nodes
        .iter()
        .map(|node| {
            let mut expected = json!({ "role": node.role });
            if let Some(image) = &plan.image {
                expected["image"] = json!(image);
            }
            if let Some(zone) = &node.zone {
                expected["labels"] = json!({ ZONE_LABEL: zone });
            }
            let mounts = plan.mounts.iter().map(|mount| {
                let mut expected = json!({
                    "hostPath": mount.host_path,
                    "containerPath": mount.container_path,
                });
                if mount.read_only {
                    expected["readOnly"] = true.into();
                }
                expected
            });
            if !plan.mounts.is_empty() {
                expected["extraMounts"] = mounts.collect();
            }
            if !node.ports.is_empty() {
                expected["extraPortMappings"] = json!(node.ports);
            }
            expected
        })
        .collect();
    let mut expected = json!({
        "kind": CLUSTER_KIND,
        "apiVersion": API_VERSION,
        "name": plan.name,
        "networking": {
            "ipFamily": networking.ip_family,
            "apiServerAddress": networking.api_server_address,
            "podSubnet": networking.pod_subnet,
            "serviceSubnet": networking.service_subnet,
            "disableDefaultCNI": networking.disable_default_cni,
        },
        "nodes": nodes,
    });
    if !plan.feature_gates.is_empty() {
        expected["featureGates"] = json!(plan.feature_gates);
    }
    expected
}

/// Looks for the patches of the plan among those that were read.
fn compare_patches(plan: &ClusterPlan, read: &Cluster) -> Result<(), GenerateError> {
    let differs = |part: &str| GenerateError::Differs {
        document: DOCUMENT,
        part: part.to_owned(),
    };
    let patches = read
        .kubeadm_config_patches
        .iter()
        .map(|text| read_back(text))
        .collect::<Result<Vec<_>, _>>()?;
    for expected in expected_patches(plan) {
        if !patches
            .iter()
            .any(|found| compare::missing(&expected, found).is_none())
        {
            return Err(differs("the kubeadm patches"));
        }
    }
    if !plan.set_registry_path {
        return Ok(());
    }
    let config_path = json!({ "plugins": { "io.containerd.grpc.v1.cri": {
        "registry": { "config_path": REGISTRY_CONFIG_PATH }
    } } });
    let found = read
        .containerd_config_patches
        .iter()
        .filter_map(|text| toml::from_str::<Value>(text).ok())
        .any(|found| compare::missing(&config_path, &found).is_none());
    if found {
        Ok(())
    } else {
        Err(differs("the containerd patches"))
    }
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
    if let Some(path) = &plan.resolv_conf {
        kubelet["resolvConf"] = json!(path);
    }
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
        generate::kind::{CgroupVersion, Mount, NodeLayout, PlanOptions},
        ipam::AddressPlan,
        net::Families,
    };

    fn options(workers: u8) -> PlanOptions {
        PlanOptions {
            name: "garden6".to_owned(),
            layout: NodeLayout {
                workers,
                ..NodeLayout::default()
            },
            image: Some("example.org/node:v1.36.1".to_owned()),
            kubernetes: Some(Version::new(1, 36, 1)),
            set_registry_path: true,
            ..PlanOptions::default()
        }
    }

    fn addresses(families: &str) -> AddressPlan {
        AddressPlan::default_for(families.parse::<Families>().unwrap())
    }

    fn rendered(families: &str, options: PlanOptions) -> String {
        render(
            &ClusterPlan::new(&addresses(families), options),
            Templates::embedded(),
        )
        .unwrap()
        .text
    }

    fn of_plan(plan: &AddressPlan) -> String {
        let plan = ClusterPlan::new(plan, options(0));
        render(&plan, Templates::embedded()).unwrap().text
    }

    #[test]
    fn zones_ports_mounts_and_gates_are_in_their_places() {
        let options = PlanOptions {
            layout: NodeLayout {
                workers: 3,
                zones: 3,
                ports: vec![
                    "443:30443".parse().unwrap(),
                    "[::]:53:30053/udp".parse().unwrap(),
                ],
                mounts: vec![Mount {
                    host_path: "/tmp/a \"b\"".to_owned(),
                    container_path: "/mnt/on".to_owned(),
                    read_only: true,
                    ..Mount::default()
                }],
            },
            feature_gates: [("InPlacePodVerticalScaling".to_owned(), false)].into(),
            resolv_conf: Some("/kind/resolv.conf".to_owned()),
            ..options(0)
        };
        insta::assert_snapshot!("kind_zones_ports_mounts", rendered("dual", options));
    }

    #[test]
    fn the_built_in_template_says_nothing_that_the_plan_does_not() {
        let plan = ClusterPlan::new(&addresses("dual"), options(2));
        let document = render(&plan, Templates::embedded()).unwrap();
        let value: Value = yaml::parse(&document.text, "kind.yaml").unwrap();
        let mut stated = value.as_object().unwrap().clone();
        stated.shift_remove("kubeadmConfigPatches");
        stated.shift_remove("containerdConfigPatches");
        assert_eq!(Value::Object(stated), expected(&plan));
        assert_eq!(document.cluster.kubeadm_config_patches.len(), 1);
    }

    #[test]
    fn a_template_that_drops_a_part_of_the_plan_is_refused() {
        let source = Templates::sources()
            .iter()
            .find(|(name, _)| *name == templates::KIND_CLUSTER);
        let (name, text) = source.unwrap();
        let with = |from: &str, to: &str| {
            let overrides = [((*name).to_owned(), text.replace(from, to))];
            let plan = ClusterPlan::new(&addresses("ipv6"), options(0));
            render(&plan, &Templates::with_overrides(overrides.into()).unwrap())
        };
        let error = with("{{quote pod_subnet}}", "fd00:99::/48").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the rendered cluster document differs from its plan in networking.podSubnet"
        );
        assert!(with("nodeStatusUpdateFrequency", "nodeStatusReportFrequency").is_err());
        assert!(with("config_path", "configPath").is_err());
        assert!(
            with(
                "disableDefaultCNI: true",
                "disableDefaultCNI: true\n  dnsSearch: []"
            )
            .is_ok()
        );
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
        let text = of_plan(&plan);
        assert!(text.contains("\"node-cidr-mask-size\": \"72\""), "{text}");
        let mut plan = addresses("dual");
        plan.v6.node_mask = 72;
        let text = of_plan(&plan);
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
        let error = render(
            &ClusterPlan::new(&addresses("ipv6"), options),
            Templates::embedded(),
        )
        .unwrap_err();
        assert!(matches!(error, GenerateError::Refused { .. }), "{error}");
    }
}
