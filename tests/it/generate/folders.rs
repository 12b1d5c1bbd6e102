//! The folder of every combination of families, sizes and pod networks: recorded, deterministic, and the same to
//! readers of YAML 1.1 and YAML 1.2.

use std::path::Path;

use garden6::{
    api::validation::Rules,
    config::{BackendKind, CniChoice, EnvironmentRequest},
    generate::{
        Artifact, CalicoSource, Plan, PlanSettings, Templates,
        calico::Encapsulation,
        folder,
        kind::{apply_defaults, decode, validate},
    },
    yaml,
};
use serde_json::Value;

use super::yaml11;

const FAMILIES: [&str; 4] = ["ipv6", "ipv6,ipv4", "ipv4,ipv6", "ipv4"];
/// Name, workers and zones.
const LAYOUTS: [(&str, u8, u8); 3] = [("1_node", 0, 0), ("3_nodes", 2, 0), ("3_zones", 2, 3)];
const CNIS: [CniChoice; 2] = [CniChoice::Calico, CniChoice::Ptp];

/// What every manifest of calico has that is patched, and something that is not.
pub(super) const MANIFEST: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: calico-node, namespace: kube-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config, namespace: kube-system}
data:
  calico_backend: "bird"
  veth_mtu: "0"
  cni_network_config: |-
    {"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [
      {"type": "calico", "mtu": __CNI_MTU__, "ipam": {"type": "calico-ipam"}},
      {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: example.org/calico/node:v3.32.1
        env:
        - {name: IP, value: autodetect}
        - {name: CALICO_IPV4POOL_IPIP, value: Always}
        - {name: CALICO_IPV4POOL_VXLAN, value: Never}
        - {name: CALICO_IPV6POOL_VXLAN, value: Never}
        - {name: FELIX_IPV6SUPPORT, value: "false"}
        livenessProbe: {exec: {command: [/bin/calico-node, -felix-live, -bird-live]}}
        readinessProbe: {exec: {command: [/bin/calico-node, -felix-ready, -bird-ready]}}
"#;

pub(super) fn manifest() -> CalicoSource {
    CalicoSource {
        text: MANIFEST.to_owned(),
        origin: "calico.yaml".to_owned(),
    }
}

fn plan(families: &str, workers: u8, cni: CniChoice, settings: PlanSettings) -> Plan {
    let request = EnvironmentRequest {
        families: Some(families.parse().expect("families")),
        workers: Some(workers),
        cni: Some(cni),
        node_image: Some("example.org/node:v1.36.1".to_owned()),
        ..EnvironmentRequest::default()
    };
    let environment = request.resolve(BackendKind::Kind).expect("an environment");
    Plan::new(environment, settings).expect("a plan")
}

fn files(plan: &Plan) -> Vec<Artifact> {
    let rules = Rules {
        gates: "DualStack=true".parse().expect("gates"),
        ..Rules::default()
    };
    folder(plan, Some(&rules), Some(&manifest()), Templates::embedded()).expect("a folder")
}

fn content<'a>(files: &'a [Artifact], path: &str) -> &'a str {
    let file = files.iter().find(|file| file.path == path);
    &file.expect("the file is there").content
}

/// The files that `wanted` picks, one after the other.
fn listing(files: &[Artifact], wanted: impl Fn(&str) -> bool) -> String {
    files
        .iter()
        .filter(|file| wanted(&file.path))
        .flat_map(|file| ["======== ", &file.path, "\n", &file.content, "\n"])
        .collect()
}

fn snapshot_name(prefix: &str, families: &str, rest: &str) -> String {
    format!("{prefix}_{}_{rest}", families.replace(',', "_"))
}

#[test]
fn clusters_are_as_recorded_and_the_pod_network_does_not_matter_to_kind() {
    for families in FAMILIES {
        for (layout, workers, zones) in LAYOUTS {
            let documents = CNIS.map(|cni| {
                let settings = PlanSettings {
                    zones,
                    ..PlanSettings::default()
                };
                let files = files(&plan(families, workers, cni, settings));
                content(&files, "kind.yaml").to_owned()
            });
            assert_eq!(documents[0], documents[1]);
            insta::assert_snapshot!(snapshot_name("kind", families, layout), documents[0]);
        }
    }
}

#[test]
fn everything_around_the_cluster_is_as_recorded() {
    for families in FAMILIES {
        for cni in CNIS {
            let files = files(&plan(families, 2, cni, PlanSettings::default()));
            let around = listing(&files, |path| {
                !path.starts_with("garden/") && path != "kind.yaml"
            });
            let name = format!("{cni:?}").to_lowercase();
            insta::assert_snapshot!(snapshot_name("around", families, &name), around);
            if cni == CniChoice::Ptp {
                let garden = listing(&files, |path| {
                    path.starts_with("garden/") && path != "garden/crds.yaml"
                });
                insta::assert_snapshot!(snapshot_name("garden", families, "manifests"), garden);
            }
        }
    }
}

#[test]
fn resolvers_mirrors_and_vxlan_are_as_recorded() {
    let settings = PlanSettings {
        mirrors: vec!["docker.io=[fd00:10::5001]:5001".parse().expect("a mirror")],
        encapsulation: Encapsulation::Vxlan,
        ..PlanSettings::default()
    };
    let mut plan = plan("ipv6", 0, CniChoice::Calico, settings);
    plan.environment.resolvers = vec!["fd00:10::53".parse().expect("an address")];
    let files = files(&plan);
    insta::assert_snapshot!(
        "variant_ipv6",
        listing(&files, |path| !path.starts_with("garden/"))
    );
}

#[test]
fn the_same_plan_makes_the_same_files() {
    for families in FAMILIES {
        for cni in CNIS {
            let plan = plan(families, 2, cni, PlanSettings::default());
            assert_eq!(files(&plan), files(&plan));
        }
    }
}

#[test]
fn readers_of_yaml_1_1_and_1_2_read_the_same() {
    for families in FAMILIES {
        for (_, workers, zones) in LAYOUTS {
            for cni in CNIS {
                let settings = PlanSettings {
                    zones,
                    ports: vec!["443:30443".parse().expect("a port")],
                    feature_gates: [("On".to_owned(), true), ("No".to_owned(), false)].into(),
                    ..PlanSettings::default()
                };
                for file in files(&plan(families, workers, cni, settings)) {
                    // The definitions are the same every time.
                    let once = (families, workers, cni) == ("ipv6", 0, CniChoice::Ptp);
                    if is_yaml(&file.path) && (once || file.path != "garden/crds.yaml") {
                        read_twice(&file);
                    }
                }
            }
        }
    }
}

fn is_yaml(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "yaml")
}

fn read_twice(file: &Artifact) {
    let old = yaml11::read(&file.content);
    let new: Vec<Value> =
        serde_saphyr::from_multiple(&file.content).expect("a reader of YAML 1.2 takes it");
    let ours: Vec<Value> = yaml::documents(&file.content, &file.path)
        .expect("our own reader takes it")
        .into_iter()
        .map(|document| document.value)
        .collect();
    let old: Vec<Value> = old.into_iter().filter(|value| !value.is_null()).collect();
    let new: Vec<Value> = new.into_iter().filter(|value| !value.is_null()).collect();
    assert_eq!(old, ours, "{}", file.path);
    assert_eq!(new, ours, "{}", file.path);
    for document in &ours {
        for patch in document["kubeadmConfigPatches"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let patch = patch.as_str().expect("a patch is text");
            let ours: Value = yaml::parse(patch, "patch").expect("a patch is YAML");
            assert_eq!(yaml11::read(patch), [ours]);
        }
    }
}

#[test]
fn kind_accepts_the_cluster_of_every_combination() {
    for families in FAMILIES {
        for (_, workers, zones) in LAYOUTS {
            let settings = PlanSettings {
                zones,
                ..PlanSettings::default()
            };
            let files = files(&plan(families, workers, CniChoice::Ptp, settings));
            let document: Value =
                yaml::parse(content(&files, "kind.yaml"), "kind.yaml").expect("YAML");
            let mut cluster = decode(&document).expect("kind knows every field");
            apply_defaults(&mut cluster);
            assert_eq!(validate(&cluster), []);
            let zoned = cluster
                .nodes
                .iter()
                .filter(|node| !node.labels.is_empty())
                .count();
            assert_eq!(zoned, if zones == 0 { 0 } else { 3 });
        }
    }
}

#[test]
fn the_readme_names_every_file_that_a_person_applies_or_runs() {
    for families in FAMILIES {
        for cni in CNIS {
            let files = files(&plan(families, 2, cni, PlanSettings::default()));
            let readme = content(&files, "README.md");
            for file in &files {
                let used_by_others =
                    file.path.ends_with("hosts.toml") || file.path == "ptp.conflist";
                let named =
                    file.path == "README.md" || used_by_others || readme.contains(&file.path);
                assert!(named, "{} is not in the README", file.path);
            }
            for word in readme.split_whitespace().filter(|word| is_yaml(word)) {
                let exists = files.iter().any(|file| file.path == word);
                let made_by_kind = word.contains("kubeconfig");
                assert!(exists || made_by_kind, "the README names {word}");
            }
        }
    }
}
