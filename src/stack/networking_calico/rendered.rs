//! calico's settings: environment, IPAM section, pools, containers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    effective::Input,
    values::{PoolValues, Unrenderable, Values, values},
};
use crate::{net::IpFamily, stack::networks::family_of};

/// What calico is configured with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendered {
    /// The environment of calico-node.
    pub env: BTreeMap<String, String>,
    /// The IPAM section of the CNI configuration.
    pub ipam: Value,
    /// The pools, by name.
    pub pools: BTreeMap<&'static str, IpPool>,
    /// Whether kube-controllers run.
    pub kube_controllers: bool,
    /// Whether typha runs.
    pub typha: bool,
    /// Whether the probes ask the routing daemon.
    pub bird_probes: bool,
    /// The containers next to calico-node, in order, itself included.
    pub containers: Vec<&'static str>,
    /// What runs before.
    pub init_containers: Vec<&'static str>,
    /// What calico-node and typha ask for, and who changes that.
    pub scale: Scale,
}

/// How the components grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scale {
    /// `cluster-proportional`, `vpa` or `static`.
    pub mode: String,
    /// What calico-node asks for.
    pub node: BTreeMap<String, String>,
    /// What typha asks for.
    pub typha: BTreeMap<String, String>,
}

/// A pool object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IpPool {
    /// The range.
    pub cidr: String,
    /// The prefix length of the blocks that calico-ipam cuts.
    pub block_size: u8,
    /// IP in IP.
    pub ipip_mode: &'static str,
    /// VXLAN.
    pub vxlan_mode: &'static str,
    /// Masquerading.
    pub nat_outgoing: bool,
    /// Kept only so that traffic to its range is not masqueraded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

/// Renders the settings.
pub fn render(input: &Input) -> Result<Rendered, Unrenderable> {
    let values = values(input)?;
    let ranges = Ranges {
        v4: input.pod_cidr.clone(),
        // The last one wins, and there is none until the Shoot's status reports it.
        v6: input
            .status_pods
            .iter()
            .rfind(|range| family_of(range) == Some(IpFamily::V6))
            .cloned()
            .unwrap_or_default(),
    };
    Ok(Rendered {
        env: env(&values, &ranges),
        ipam: ipam(&values),
        pools: pools(&values, &ranges, input.nodes.as_deref()),
        kube_controllers: values.kube_controllers,
        typha: values.typha,
        bird_probes: values.backend == "bird",
        containers: containers(&values),
        init_containers: init_containers(&values),
        scale: scale(input),
    })
}

struct Ranges {
    v4: String,
    v6: String,
}

fn env(values: &Values, ranges: &Ranges) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = [
        ("CALICO_DISABLE_FILE_LOGGING", "true"),
        ("CALICO_MANAGE_CNI", "true"),
        ("CLUSTER_TYPE", "k8s,bgp"),
        ("DATASTORE_TYPE", "kubernetes"),
        ("FELIX_DEFAULTENDPOINTTOHOSTACTION", "ACCEPT"),
        ("FELIX_HEALTHENABLED", "true"),
        ("FELIX_NATPORTRANGE", "32768:65535"),
        ("FELIX_PROMETHEUSMETRICSENABLED", "true"),
        ("FELIX_PROMETHEUSMETRICSPORT", "9091"),
        ("WAIT_FOR_DATASTORE", "true"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let mut set = |key: &str, value: &str| {
        env.insert(key.to_owned(), value.to_owned());
    };
    set("CALICO_NETWORKING_BACKEND", &values.backend);
    set("FELIX_IPV6SUPPORT", word(values.ipv6.is_some()));
    for key in ["FELIX_IPINIPMTU", "FELIX_VXLANMTU", "FELIX_WIREGUARDMTU"] {
        set(key, &values.mtu);
    }
    let typha = if values.typha { "calico-typha" } else { "none" };
    set("FELIX_TYPHAK8SSERVICENAME", typha);
    if values.ipam_type == "host-local" {
        set("USE_POD_CIDR", "true");
    }
    match &values.ipv4 {
        Some(pool) => ipv4_env(pool, &ranges.v4, &mut set),
        None => set("IP", "none"),
    }
    if let Some(pool) = &values.ipv6 {
        ipv6_env(pool, &ranges.v6, values.source_nat, &mut set);
    }
    if values.vxlan_overlay {
        set("FELIX_VXLANENABLED", "true");
        set("CALICO_IPV4POOL_IPIP", "Never");
    } else {
        set("FELIX_IPINIPENABLED", word(values.felix_ipip));
    }
    set("FELIX_BPFENABLED", word(values.ebpf));
    if values.ebpf {
        let clean_up = word(!values.kube_proxy);
        set("FELIX_BPFKUBEPROXYIPTABLESCLEANUPENABLED", clean_up);
        if values.kube_proxy {
            set("FELIX_BPFKUBEPROXYHEALTHZPORT", "10257");
        }
    }
    if values.wireguard {
        set("FELIX_WIREGUARDENABLED", "true");
        set("FELIX_WIREGUARDENABLEDV6", "true");
    }
    if values.nftables {
        set("FELIX_NFTABLESMODE", "Enabled");
    }
    if values.snat_to_dns {
        set("FELIX_CHAININSERTMODE", "Append");
    }
    if let Some(prevention) = &values.loop_prevention {
        set("FELIX_SERVICELOOPPREVENTION", prevention);
    }
    env
}

fn ipv4_env(pool: &PoolValues, range: &str, set: &mut impl FnMut(&str, &str)) {
    set("IP", "autodetect");
    set("CALICO_IPV4POOL_CIDR", range);
    let variable = match pool.pool.as_str() {
        "vxlan" => "CALICO_IPV4POOL_VXLAN",
        _ => "CALICO_IPV4POOL_IPIP",
    };
    set(variable, &pool.mode);
    if let Some(method) = &pool.method {
        set("IP_AUTODETECTION_METHOD", method);
    }
}

fn ipv6_env(pool: &PoolValues, range: &str, nat: bool, set: &mut impl FnMut(&str, &str)) {
    set("IP6", "autodetect");
    set("CALICO_IPV6POOL_CIDR", range);
    set("CALICO_IPV6POOL_VXLAN", &pool.mode);
    set("CALICO_IPV6POOL_NAT_OUTGOING", word(nat));
    // An IPv6-only node has no IPv4 address to take the router ID from.
    set("CALICO_ROUTER_ID", "hash");
    if let Some(method) = &pool.method {
        set("IP6_AUTODETECTION_METHOD", method);
    }
}

const fn word(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

fn ipam(values: &Values) -> Value {
    let mut section = json!({
        "type": values.ipam_type,
        "assign_ipv4": word(values.ipv4.is_some()),
        "assign_ipv6": word(values.ipv6.is_some()),
    });
    match &values.subnet {
        Some(subnet) => section["subnet"] = subnet.as_str().into(),
        None => {
            section["ranges"] = json!([
                [{"subnet": "usePodCidrIPv6"}],
                [{"subnet": "usePodCidr"}],
            ]);
        }
    }
    section
}

/// The IPv6 pool never encapsulates, whatever the environment says.
fn pools(values: &Values, ranges: &Ranges, nodes: Option<&str>) -> BTreeMap<&'static str, IpPool> {
    let mut pools = BTreeMap::new();
    if let (Some(_), Some(overlay)) = (&values.ipv4, values.overlay) {
        let mode = |on: bool| if on { "Always" } else { "Never" };
        let pool = IpPool {
            cidr: ranges.v4.clone(),
            block_size: 26,
            ipip_mode: mode(overlay && !values.vxlan_overlay),
            vxlan_mode: mode(values.vxlan_overlay),
            nat_outgoing: true,
            disabled: false,
        };
        pools.insert("default-ipv4-ippool", pool);
        if let Some(nodes) = nodes.filter(|nodes| !overlay && !nodes.is_empty()) {
            let pool = IpPool {
                cidr: nodes.to_owned(),
                block_size: 26,
                ipip_mode: "Never",
                vxlan_mode: "Never",
                nat_outgoing: false,
                disabled: true,
            };
            pools.insert("no-snat-for-node-cidr", pool);
        }
    }
    if values.ipv6.is_some() {
        let pool = IpPool {
            cidr: ranges.v6.clone(),
            block_size: 122,
            ipip_mode: "Never",
            vxlan_mode: "Never",
            nat_outgoing: values.source_nat,
            disabled: false,
        };
        pools.insert("default-ipv6-ippool", pool);
    }
    pools
}

fn containers(values: &Values) -> Vec<&'static str> {
    [
        (values.snat_to_dns, "add-snat-rule-to-upstream-dns"),
        (
            values.backend != "none",
            "network-unavailable-condition-ensurer",
        ),
        (true, "calico-node"),
        (values.bird_exporter, "bird-exporter"),
    ]
    .into_iter()
    .filter_map(|(wanted, name)| wanted.then_some(name))
    .collect()
}

fn init_containers(values: &Values) -> Vec<&'static str> {
    [
        (values.overlay == Some(false), "cleanup-routes"),
        (true, "log-mtu-issues"),
        (true, "install-cni"),
        (values.ebpf, "ebpf-bootstrap"),
    ]
    .into_iter()
    .filter_map(|(wanted, name)| wanted.then_some(name))
    .collect()
}

fn scale(input: &Input) -> Scale {
    let scaling = input.config.auto_scaling.as_ref();
    let mode = scaling.map_or("cluster-proportional", |scaling| scaling.mode.as_str());
    let resources = scaling.and_then(|scaling| scaling.resources.clone());
    let resources = resources.unwrap_or_default();
    let requests = |defaults: [(&str, &str); 2], own: Option<BTreeMap<String, String>>| {
        let mut requests: BTreeMap<String, String> = defaults
            .map(|(name, quantity)| (name.to_owned(), quantity.to_owned()))
            .into();
        requests.extend(own.filter(|_| mode == "static").into_iter().flatten());
        requests
    };
    Scale {
        mode: mode.to_owned(),
        node: requests([("cpu", "250m"), ("memory", "100Mi")], resources.node),
        typha: requests([("cpu", "200m"), ("memory", "100Mi")], resources.typha),
    }
}
