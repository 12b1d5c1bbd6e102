//! Answers of the Engine API, reduced to what checks read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::doctor::facts::{
    ClusterContainers, Component, EngineInfo, EngineNetwork, EngineVersion, RootlessKit,
};

/// kind's label on the containers of a cluster.
const CLUSTER_LABEL: &str = "io.x-k8s.kind.cluster";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or_default()
}

fn text_map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

/// Reads `GET /version`.
pub fn version(answer: &Value) -> EngineVersion {
    let components = answer["Components"].as_array().into_iter().flatten();
    EngineVersion {
        version: text(&answer["Version"]),
        api_version: text(&answer["ApiVersion"]),
        min_api_version: text(&answer["MinAPIVersion"]),
        platform: text(&answer["Platform"]["Name"]),
        components: components
            .map(|component| (text(&component["Name"]), read_component(component)))
            .collect(),
    }
}

fn read_component(component: &Value) -> Component {
    if component["Name"] == "rootlesskit" {
        let details = &component["Details"];
        return Component::Rootless(RootlessKit {
            network_driver: text(&details["NetworkDriver"]),
            port_driver: text(&details["PortDriver"]),
            // Its flags are told by the user's unit, not by the engine.
            ipv6_flag: None,
        });
    }
    Component::Version(text(&component["Version"]))
}

/// Reads `GET /info`.
pub fn info(answer: &Value) -> EngineInfo {
    let status = |name: &str| {
        let pairs = answer["DriverStatus"].as_array().into_iter().flatten();
        let mut pairs = pairs.filter(|pair| pair[0] == name);
        pairs.next().map(|pair| text(&pair[1]))
    };
    let containerd = status("driver-type").is_some_and(|kind| kind.contains("snapshotter"));
    let backend = &answer["FirewallBackend"];
    let registries = &answer["RegistryConfig"];
    let indexes = registries["IndexConfigs"].as_object().into_iter().flatten();
    EngineInfo {
        operating_system: text(&answer["OperatingSystem"]),
        os_type: text(&answer["OSType"]),
        architecture: text(&answer["Architecture"]),
        name: text(&answer["Name"]),
        kernel_version: text(&answer["KernelVersion"]),
        ncpu: u32::try_from(answer["NCPU"].as_u64().unwrap_or_default()).unwrap_or(u32::MAX),
        mem_total_gib: answer["MemTotal"].as_f64().unwrap_or_default() / GIB,
        docker_root_dir: text(&answer["DockerRootDir"]),
        driver: text(&answer["Driver"]),
        backing_filesystem: status("Backing Filesystem"),
        supports_d_type: status("Supports d_type").map(|value| value == "true"),
        image_store: Some(
            if containerd {
                "containerd"
            } else {
                "graphdriver"
            }
            .to_owned(),
        ),
        cgroup_driver: text(&answer["CgroupDriver"]),
        cgroup_version: answer["CgroupVersion"].as_str().unwrap_or("1").to_owned(),
        memory_limit: truth(&answer["MemoryLimit"]),
        pids_limit: truth(&answer["PidsLimit"]),
        cpu_cfs_quota: truth(&answer["CpuCfsQuota"]),
        cpu_shares: truth(&answer["CPUShares"]),
        cpu_set: truth(&answer["CPUSet"]),
        ipv4_forwarding: truth(&answer["IPv4Forwarding"]),
        security_options: texts(&answer["SecurityOptions"]),
        default_runtime: text(&answer["DefaultRuntime"]),
        swarm: text(&answer["Swarm"]["LocalNodeState"]),
        warnings: texts(&answer["Warnings"]),
        live_restore_enabled: truth(&answer["LiveRestoreEnabled"]),
        firewall_backend: backend["Driver"].as_str().map(str::to_owned),
        userland_proxy: firewall_detail(backend, "EnableUserlandProxy"),
        default_address_pools: answer["DefaultAddressPools"].as_array().map(|pools| {
            let pools = pools.iter();
            pools
                .map(|pool| format!("{} {}", text(&pool["Base"]), pool["Size"]))
                .collect()
        }),
        insecure_registry_cidrs: texts(&registries["InsecureRegistryCIDRs"]),
        insecure_registries: indexes
            .filter(|(_, index)| index["Secure"] == Value::Bool(false))
            .map(|(name, _)| name.clone())
            .collect(),
        http_proxy: text(&answer["HttpProxy"]),
        https_proxy: text(&answer["HttpsProxy"]),
        no_proxy: text(&answer["NoProxy"]),
        swap_limit: answer["SwapLimit"].as_bool(),
        labels: texts(&answer["Labels"]),
    }
}

const GIB: f64 = 1_073_741_824.0;

fn firewall_detail(backend: &Value, name: &str) -> Option<bool> {
    let pairs = backend["Info"].as_array().into_iter().flatten();
    let mut pairs = pairs.filter(|pair| pair[0] == name);
    pairs.next().map(|pair| text(&pair[1]) == "true")
}

/// Reads one network of `GET /networks` or `GET /networks/ID`. Only the latter tells the
/// containers.
pub fn network(answer: &Value) -> EngineNetwork {
    let pools = || answer["IPAM"]["Config"].as_array().into_iter().flatten();
    let of_pools = |key: &str| {
        let values = pools().filter_map(|pool| pool[key].as_str());
        values
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let containers = answer["Containers"]
        .as_object()
        .map_or(0, serde_json::Map::len);
    EngineNetwork {
        name: text(&answer["Name"]),
        id: text(&answer["Id"]),
        driver: text(&answer["Driver"]),
        enable_ipv4: answer["EnableIPv4"].as_bool(),
        enable_ipv6: truth(&answer["EnableIPv6"]),
        internal: truth(&answer["Internal"]),
        subnets: of_pools("Subnet"),
        gateways: of_pools("Gateway"),
        options: text_map(&answer["Options"]),
        labels: text_map(&answer["Labels"]),
        containers: u32::try_from(containers).unwrap_or(u32::MAX),
    }
}

/// Counts kind's clusters in `GET /containers/json?all=1`.
pub fn clusters(answer: &Value) -> Vec<ClusterContainers> {
    let mut found: BTreeMap<&str, ClusterContainers> = BTreeMap::new();
    for container in answer.as_array().into_iter().flatten() {
        let Some(name) = container["Labels"][CLUSTER_LABEL].as_str() else {
            continue;
        };
        let cluster = found.entry(name).or_insert_with(|| ClusterContainers {
            name: name.to_owned(),
            ..ClusterContainers::default()
        });
        if container["State"] == "running" {
            cluster.running += 1;
        } else {
            cluster.exited += 1;
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn info_is_reduced_to_what_checks_read() {
        let found = info(&json!({
            "NCPU": 4, "MemTotal": 8_589_934_592_u64, "CgroupVersion": "2", "Driver": "overlayfs",
            "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
            "Swarm": {"LocalNodeState": "inactive"},
            "FirewallBackend": {"Driver": "iptables", "Info": [["EnableUserlandProxy", "false"]]},
            "DefaultAddressPools": [{"Base": "10.201.0.0/16", "Size": 24}],
            "RegistryConfig": {"InsecureRegistryCIDRs": ["::1/128"], "IndexConfigs": {"r:5001": {"Secure": false}, "docker.io": {"Secure": true}}},
            "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]
        }));
        assert!((found.mem_total_gib - 8.0).abs() < f64::EPSILON);
        assert_eq!(found.image_store.as_deref(), Some("containerd"));
        assert_eq!(found.userland_proxy, Some(false));
        assert_eq!(
            found.default_address_pools.as_deref(),
            Some(&["10.201.0.0/16 24".to_owned()][..])
        );
        assert_eq!(found.insecure_registries, ["r:5001"]);
        assert!(found.has_security_option("rootless") && !found.has_security_option("seccomp2"));
    }

    #[test]
    fn an_answer_of_another_kind_is_an_empty_one() {
        for answer in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"Swarm": 1, "IPAM": []}),
        ] {
            assert_eq!(info(&answer).ncpu, 0);
            assert_eq!(version(&answer).version, "");
            assert_eq!(network(&answer).name, "");
            assert!(clusters(&answer).is_empty());
        }
    }

    #[test]
    fn networks_and_clusters_are_counted() {
        let found = network(&json!({
            "Name": "kind", "EnableIPv6": true, "Containers": {"a": {}, "b": {}},
            "IPAM": {"Config": [{"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}, {"Subnet": "fc00::/64"}]}
        }));
        assert_eq!(
            (found.containers, found.subnets.len(), found.gateways.len()),
            (2, 2, 1)
        );
        assert_eq!(found.enable_ipv4, None);
        let found = clusters(&json!([
            {"Labels": {"io.x-k8s.kind.cluster": "a"}, "State": "running"},
            {"Labels": {"io.x-k8s.kind.cluster": "a"}, "State": "exited"},
            {"Labels": {}, "State": "running"}
        ]));
        assert_eq!((found[0].running, found[0].exited, found.len()), (1, 1, 1));
    }

    #[test]
    fn rootlesskit_tells_its_drivers() {
        let found = version(&json!({"Version": "28.5.2", "Components": [
            {"Name": "Engine", "Version": "28.5.2"},
            {"Name": "rootlesskit", "Version": "2", "Details": {"NetworkDriver": "pasta", "PortDriver": "implicit"}}
        ]}));
        let Component::Rootless(kit) = &found.components["rootlesskit"] else {
            panic!("{found:?}");
        };
        assert_eq!(kit.network_driver, "pasta");
    }
}
