//! calico's settings for a Network. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::config::{Backend, NetworkConfig, Pool, PoolConfig, PoolMode};
use crate::net::{Families, IpFamily};

/// What calico is configured with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Who distributes routes.
    pub backend: &'static str,
    /// The environment of calico-node.
    pub env: BTreeMap<String, String>,
    /// The IPAM section of the CNI configuration.
    pub ipam: Value,
    /// The pools that are made.
    pub pools: Vec<IpPool>,
}

/// An IPPool object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IpPool {
    /// The name.
    pub name: &'static str,
    /// The range.
    pub cidr: String,
    /// The size of the blocks that calico-ipam cuts.
    pub block_size: u8,
    /// IP in IP.
    pub ipip_mode: &'static str,
    /// VXLAN.
    pub vxlan_mode: &'static str,
    /// Masquerading.
    pub nat_outgoing: bool,
}

/// The ranges of pods by family, as the Network and the Shoot's status know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodRanges {
    /// The IPv4 range.
    pub v4: Option<String>,
    /// The IPv6 range.
    pub v6: Option<String>,
}

/// What the steps before rendering make of a configuration.
struct Effective {
    backend: Backend,
    host_local: bool,
    v4: PoolConfig,
    v6: PoolConfig,
    vxlan: bool,
    overlay: Option<bool>,
    wireguard: bool,
    felix_ipip: bool,
}

/// The settings of a Network.
///
/// Overlay (section 1.4 of the extension's own order of events): absent with IPv6 means no
/// encapsulation and no routes, whatever `backend` says; on means BIRD, or VXLAN where asked for;
/// off means none, or BIRD where pod routes are asked for.
pub fn settings(config: &NetworkConfig, families: Families, ranges: &PodRanges) -> Settings {
    let effective = effective(config, families);
    Settings {
        backend: effective.backend.as_str(),
        env: env(config, &effective, families, ranges),
        ipam: ipam(config, &effective, families),
        pools: pools(&effective, families, ranges),
    }
}

fn effective(config: &NetworkConfig, families: Families) -> Effective {
    let has_v6 = families.contains(IpFamily::V6);
    let vxlan_asked = config.vxlan.is_some_and(|vxlan| vxlan.enabled);
    let wireguard = config.wireguard_encryption.unwrap_or_default();
    let mut v4 = config.ipv4.clone().unwrap_or_default();
    let mut v6 = config.ipv6.clone().unwrap_or_default();
    let mut backend = config.backend.unwrap_or(Backend::Bird);
    let overlay = config.overlay.as_ref();
    let target = if has_v6 { &mut v6 } else { &mut v4 };
    match overlay {
        None if has_v6 => {
            target.mode = Some(PoolMode::Never);
            backend = Backend::None;
        }
        None => {}
        Some(overlay) if overlay.enabled => {
            target.mode = Some(PoolMode::Always);
            backend = if vxlan_asked {
                Backend::Vxlan
            } else {
                Backend::Bird
            };
        }
        Some(overlay) => {
            target.mode = Some(PoolMode::Never);
            backend = if overlay.create_pod_routes.unwrap_or_default() {
                Backend::Bird
            } else {
                Backend::None
            };
        }
    }
    let overlay = overlay.map(|overlay| overlay.enabled);
    let vxlan = vxlan_asked && overlay == Some(true);
    if overlay == Some(false) || backend == Backend::None {
        v4.mode.get_or_insert(PoolMode::Never);
    }
    if vxlan {
        v4.pool = Some(Pool::Vxlan);
        v4.mode = Some(PoolMode::Always);
    }
    v6.source_nat_enabled.get_or_insert(wireguard);
    let asked_ipam = config.ipam.as_ref().map(|ipam| ipam.type_.as_str());
    let host_local = match asked_ipam {
        // VXLAN brings calico-ipam along for IPv4.
        _ if vxlan && families.contains(IpFamily::V4) => false,
        Some("calico-ipam") => false,
        _ => true,
    };
    Effective {
        felix_ipip: !has_v6 && backend != Backend::None && overlay != Some(false),
        backend,
        host_local,
        v4,
        v6,
        vxlan,
        overlay,
        wireguard,
    }
}

fn env(
    config: &NetworkConfig,
    effective: &Effective,
    families: Families,
    ranges: &PodRanges,
) -> BTreeMap<String, String> {
    let has = |family| families.contains(family);
    let switch = |on: bool| on.to_string();
    let mtu = config.veth_mtu.clone().unwrap_or_else(|| "0".to_owned());
    let mut env = BTreeMap::new();
    let mut set = |key: &str, value: &str| {
        env.insert(key.to_owned(), value.to_owned());
    };
    set("CALICO_NETWORKING_BACKEND", effective.backend.as_str());
    set("CLUSTER_TYPE", "k8s,bgp");
    set("DATASTORE_TYPE", "kubernetes");
    set("WAIT_FOR_DATASTORE", "true");
    set("CALICO_DISABLE_FILE_LOGGING", "true");
    set("CALICO_MANAGE_CNI", "true");
    set("FELIX_IPV6SUPPORT", &switch(has(IpFamily::V6)));
    set("FELIX_IPINIPMTU", &mtu);
    set("FELIX_VXLANMTU", &mtu);
    set("FELIX_WIREGUARDMTU", &mtu);
    set("FELIX_DEFAULTENDPOINTTOHOSTACTION", "ACCEPT");
    set("FELIX_NATPORTRANGE", "32768:65535");
    set("FELIX_HEALTHENABLED", "true");
    set("FELIX_PROMETHEUSMETRICSENABLED", "true");
    set("FELIX_PROMETHEUSMETRICSPORT", "9091");
    let typha = config.typha.is_none_or(|typha| typha.enabled);
    let typha = if typha { "calico-typha" } else { "none" };
    set("FELIX_TYPHAK8SSERVICENAME", typha);
    if effective.vxlan {
        set("FELIX_VXLANENABLED", "true");
        set("CALICO_IPV4POOL_IPIP", PoolMode::Never.as_str());
    } else {
        set("FELIX_IPINIPENABLED", &switch(effective.felix_ipip));
    }
    if effective.host_local {
        set("USE_POD_CIDR", "true");
    }
    if has(IpFamily::V4) {
        set("IP", "autodetect");
        let mode = effective.v4.mode.unwrap_or(PoolMode::Always).as_str();
        match effective.v4.pool.unwrap_or(Pool::Ipip) {
            Pool::Ipip => set("CALICO_IPV4POOL_IPIP", mode),
            Pool::Vxlan => set("CALICO_IPV4POOL_VXLAN", mode),
        }
        set(
            "CALICO_IPV4POOL_CIDR",
            ranges.v4.as_deref().unwrap_or_default(),
        );
        if let Some(method) = method(&effective.v4) {
            set("IP_AUTODETECTION_METHOD", method);
        }
    } else {
        set("IP", "none");
    }
    if has(IpFamily::V6) {
        let nat = effective.v6.source_nat_enabled.unwrap_or_default();
        set("IP6", "autodetect");
        set(
            "CALICO_IPV6POOL_CIDR",
            ranges.v6.as_deref().unwrap_or_default(),
        );
        let mode = effective.v6.mode.unwrap_or(PoolMode::Never).as_str();
        set("CALICO_IPV6POOL_VXLAN", mode);
        set("CALICO_IPV6POOL_NAT_OUTGOING", &switch(nat));
        // Without an IPv4 address there is no router ID to take from it.
        set("CALICO_ROUTER_ID", "hash");
        if let Some(method) = method(&effective.v6) {
            set("IP6_AUTODETECTION_METHOD", method);
        }
    }
    if effective.wireguard {
        set("FELIX_WIREGUARDENABLED", &switch(has(IpFamily::V4)));
        set("FELIX_WIREGUARDENABLEDV6", &switch(has(IpFamily::V6)));
    }
    if config.ebpf_dataplane.is_some_and(|ebpf| ebpf.enabled) {
        set("FELIX_BPFENABLED", "true");
    }
    if let Some(word) = &config.service_loop_prevention {
        set("FELIX_SERVICELOOPPREVENTION", word);
    }
    env
}

fn method(pool: &PoolConfig) -> Option<&str> {
    pool.auto_detection_method
        .as_deref()
        .filter(|method| !method.is_empty())
}

fn ipam(config: &NetworkConfig, effective: &Effective, families: Families) -> Value {
    let assign = |family| families.contains(family).to_string();
    let type_ = if effective.host_local {
        "host-local"
    } else {
        "calico-ipam"
    };
    let mut section = json!({
        "type": type_,
        "assign_ipv4": assign(IpFamily::V4),
        "assign_ipv6": assign(IpFamily::V6),
    });
    let keyword = match families.primary() {
        IpFamily::V4 => "usePodCidr",
        IpFamily::V6 => "usePodCidrIPv6",
    };
    let asked = config.ipam.as_ref().and_then(|ipam| ipam.cidr.as_deref());
    if families.is_dual() {
        section["ranges"] = json!([
            [{"subnet": "usePodCidrIPv6"}],
            [{"subnet": "usePodCidr"}],
        ]);
    } else if effective.host_local {
        section["subnet"] = asked.unwrap_or(keyword).into();
    } else {
        section["subnet"] = keyword.into();
    }
    section
}

/// The IPv6 pool never encapsulates in the extension, even where the environment says Always; the
/// IPv4 pool is left to calico's start-up while nothing is said about an overlay.
fn pools(effective: &Effective, families: Families, ranges: &PodRanges) -> Vec<IpPool> {
    let never = PoolMode::Never.as_str();
    let always = PoolMode::Always.as_str();
    let v4 = effective
        .overlay
        .filter(|_| families.contains(IpFamily::V4))
        .map(|overlay| IpPool {
            name: "default-ipv4-ippool",
            cidr: ranges.v4.clone().unwrap_or_default(),
            block_size: 26,
            ipip_mode: if overlay && !effective.vxlan {
                always
            } else {
                never
            },
            vxlan_mode: if overlay && effective.vxlan {
                always
            } else {
                never
            },
            nat_outgoing: true,
        });
    let v6 = families.contains(IpFamily::V6).then(|| IpPool {
        name: "default-ipv6-ippool",
        cidr: ranges.v6.clone().unwrap_or_default(),
        block_size: 122,
        ipip_mode: never,
        vxlan_mode: never,
        nat_outgoing: effective.v6.source_nat_enabled.unwrap_or_default(),
    });
    v4.into_iter().chain(v6).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(config: Value, families: &str) -> Settings {
        let config = NetworkConfig::read(Some(&config)).unwrap();
        let ranges = PodRanges {
            v4: Some("10.3.0.0/16".to_owned()),
            v6: Some("fd00:10:3::/56".to_owned()),
        };
        settings(&config, families.parse().unwrap(), &ranges)
    }

    #[test]
    fn ipv6_only_switches_ipv4_off_and_hands_out_node_ranges() {
        let settings = render(json!({"ipv6": {"sourceNATEnabled": true}}), "ipv6");
        assert_eq!(settings.backend, "none");
        let env = |key: &str| settings.env.get(key).map(String::as_str);
        assert_eq!(env("IP"), Some("none"));
        assert_eq!(env("IP6"), Some("autodetect"));
        assert_eq!(env("CALICO_IPV6POOL_NAT_OUTGOING"), Some("true"));
        assert_eq!(env("CALICO_IPV6POOL_CIDR"), Some("fd00:10:3::/56"));
        assert_eq!(env("CALICO_IPV4POOL_CIDR"), None);
        assert_eq!(env("FELIX_IPINIPENABLED"), Some("false"));
        assert_eq!(settings.ipam["subnet"], "usePodCidrIPv6");
        let names: Vec<_> = settings.pools.iter().map(|pool| pool.name).collect();
        assert_eq!(names, ["default-ipv6-ippool"]);
        assert!(settings.pools[0].nat_outgoing);
    }

    #[test]
    fn ipv4_only_keeps_ip_in_ip_over_bgp() {
        let settings = render(json!({}), "ipv4");
        assert_eq!(settings.backend, "bird");
        assert_eq!(settings.env["CALICO_IPV4POOL_IPIP"], "Always");
        assert_eq!(settings.env["FELIX_IPINIPENABLED"], "true");
        assert_eq!(settings.pools, []);
        assert_eq!(settings.env.get("CALICO_ROUTER_ID"), None);
    }

    #[test]
    fn dual_stack_has_a_range_per_family_ipv6_first() {
        let settings = render(json!({}), "ipv4,ipv6");
        assert_eq!(settings.ipam["ranges"][0][0]["subnet"], "usePodCidrIPv6");
        assert_eq!(settings.env["CALICO_IPV4POOL_IPIP"], "Never");
        assert_eq!(settings.env["IP"], "autodetect");
    }

    #[test]
    fn pod_routes_bring_bird_back_without_encapsulation() {
        let overlay = json!({"overlay": {"enabled": false, "createPodRoutes": true}});
        let settings = render(overlay, "ipv6");
        assert_eq!(settings.backend, "bird");
        assert_eq!(settings.env["CALICO_IPV6POOL_VXLAN"], "Never");
    }
}
