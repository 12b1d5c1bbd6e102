//! What calico has to be told for the families of a cluster.

use serde_json::{Value, json};

use crate::{
    ipam::AddressPlan,
    net::{Cidr, IpFamily},
};

/// How packets between nodes are carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encapsulation {
    /// IPv6 as it is, along routes that the nodes tell each other; IPv4 in IPIP, as upstream does. Nodes
    /// have to share a link, as those of a local cluster do.
    #[default]
    None,
    /// Both families in VXLAN, without any routing daemon. IPv6 needs kernel 4.19.1 or newer, older ones lose
    /// large packets (calico issue 6273).
    Vxlan,
}

/// Settings of calico-node and of the CNI plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Variables that must have these values, in order.
    pub env: Vec<(&'static str, String)>,
    /// Variables that must not be there.
    pub absent: Vec<&'static str>,
    /// Whether pods get IPv4 addresses; `None` leaves the plugin's default, which is yes.
    pub assign_ipv4: Option<bool>,
    /// Whether pods get IPv6 addresses; `None` leaves the plugin's default, which is no.
    pub assign_ipv6: Option<bool>,
    /// The backend, where it is not upstream's; then no routing daemon runs that could be asked for its health.
    pub backend: Option<&'static str>,
}

impl Settings {
    /// The settings for a plan.
    pub fn new(plan: &AddressPlan, encapsulation: Encapsulation) -> Self {
        let mut settings = Self::for_local_cluster(plan);
        if encapsulation == Encapsulation::Vxlan {
            settings.backend = Some("vxlan");
            let families = plan.families;
            if families.contains(IpFamily::V4) {
                settings.set("CALICO_IPV4POOL_IPIP", "Never");
                settings.set("CALICO_IPV4POOL_VXLAN", "Always");
            }
            if families.contains(IpFamily::V6) {
                settings.set("CALICO_IPV6POOL_VXLAN", "Always");
            }
        }
        settings
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value.to_owned()));
    }

    /// The settings of the local cluster for a plan.
    ///
    /// Nodes share a link, so routes between them need no encapsulation; IPIP does not exist for IPv6 at all.
    /// The IPv6 pool masquerades, because nothing routes its unique local addresses elsewhere.
    pub fn for_local_cluster(plan: &AddressPlan) -> Self {
        let families = plan.families;
        if families.is_single(IpFamily::V4) {
            return Self {
                env: vec![
                    ("CALICO_IPV4POOL_CIDR", plan.v4.pod_pool.to_string()),
                    ("FELIX_IPV6SUPPORT", "false".to_owned()),
                ],
                absent: vec!["IP6", "CALICO_IPV6POOL_CIDR"],
                assign_ipv4: None,
                assign_ipv6: None,
                backend: None,
            };
        }
        let ipv4 = families.contains(IpFamily::V4);
        let mut env = vec![
            ("IP6", "autodetect".to_owned()),
            ("FELIX_IPV6SUPPORT", "true".to_owned()),
            ("CALICO_IPV6POOL_CIDR", plan.v6.pod_pool.to_string()),
            ("CALICO_IPV6POOL_NAT_OUTGOING", "true".to_owned()),
            ("CALICO_IPV6POOL_VXLAN", "Never".to_owned()),
            // Without it the router id is an IPv4 address, which IPv6-only nodes do not have.
            ("CALICO_ROUTER_ID", "hash".to_owned()),
        ];
        if ipv4 {
            env.push(("CALICO_IPV4POOL_CIDR", plan.v4.pod_pool.to_string()));
        } else {
            // Unset would mean a pool of 192.168.0.0/16 that nobody uses.
            env.push(("CALICO_IPV4POOL_CIDR", "none".to_owned()));
            env.push(("IP", "none".to_owned()));
            env.push(("CALICO_IPV4POOL_IPIP", "Never".to_owned()));
        }
        Self {
            env,
            absent: Vec::new(),
            assign_ipv4: Some(ipv4),
            assign_ipv6: Some(true),
            backend: None,
        }
    }
}

/// The address pools as objects, in family order.
///
/// calico-node makes them itself from its variables, but up to release 3.32.1 it reads the IPv6 variable for VXLAN
/// only where an IPv4 pool is wanted as well (calico issue 12896), and later it never brings a pool up to date.
pub fn ip_pools(plan: &AddressPlan, encapsulation: Encapsulation) -> Vec<Value> {
    plan.families
        .iter()
        .map(|family| ip_pool(family, plan.of(family).pod_pool, encapsulation))
        .collect()
}

fn ip_pool(family: IpFamily, cidr: Cidr, encapsulation: Encapsulation) -> Value {
    let (name, block, unencapsulated) = match family {
        IpFamily::V4 => ("default-ipv4-ippool", 26, "Always"),
        // IPIP does not exist for IPv6.
        IpFamily::V6 => ("default-ipv6-ippool", 122, "Never"),
    };
    let (ipip, vxlan) = match encapsulation {
        Encapsulation::None => (unencapsulated, "Never"),
        Encapsulation::Vxlan => ("Never", "Always"),
    };
    json!({
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "IPPool",
        "metadata": { "name": name },
        "spec": {
            "cidr": cidr,
            // A pool cannot be smaller than its blocks.
            "blockSize": cidr.prefix_len().max(block),
            "ipipMode": ipip,
            "vxlanMode": vxlan,
            "natOutgoing": true,
            "nodeSelector": "all()",
            "allowedUses": ["Workload", "Tunnel"],
        },
    })
}

/// Felix lets workloads send IPIP packets: Shoot machines are pods, and IPv4 Shoots encapsulate.
pub fn felix_configuration() -> Value {
    json!({
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "FelixConfiguration",
        "metadata": { "name": "default" },
        "spec": { "allowIPIPPacketsFromWorkloads": true },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(families: &str) -> Settings {
        Settings::for_local_cluster(&AddressPlan::default_for(families.parse().unwrap()))
    }

    fn value(settings: &Settings, name: &str) -> Option<String> {
        settings
            .env
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| value.clone())
    }

    #[test]
    fn ipv6_alone_switches_everything_ipv4_off() {
        let settings = settings("ipv6");
        assert_eq!(
            value(&settings, "CALICO_IPV6POOL_CIDR").as_deref(),
            Some("fd00:10:1::/56")
        );
        assert_eq!(
            value(&settings, "CALICO_IPV4POOL_CIDR").as_deref(),
            Some("none")
        );
        assert_eq!(value(&settings, "IP").as_deref(), Some("none"));
        assert_eq!(
            (settings.assign_ipv4, settings.assign_ipv6),
            (Some(false), Some(true))
        );
    }

    #[test]
    fn dual_stack_has_both_pools_in_either_order() {
        for families in ["ipv6,ipv4", "ipv4,ipv6"] {
            let settings = settings(families);
            assert_eq!(
                value(&settings, "CALICO_IPV4POOL_CIDR").as_deref(),
                Some("10.1.0.0/16")
            );
            assert_eq!(value(&settings, "IP6").as_deref(), Some("autodetect"));
            assert_eq!(
                (settings.assign_ipv4, settings.assign_ipv6),
                (Some(true), Some(true))
            );
        }
    }

    #[test]
    fn vxlan_carries_both_families_without_a_routing_daemon() {
        let plan = |families: &str| AddressPlan::default_for(families.parse().unwrap());
        let dual = Settings::new(&plan("ipv4,ipv6"), Encapsulation::Vxlan);
        assert_eq!(dual.backend, Some("vxlan"));
        for (name, expected) in [
            ("CALICO_IPV4POOL_IPIP", "Never"),
            ("CALICO_IPV4POOL_VXLAN", "Always"),
            ("CALICO_IPV6POOL_VXLAN", "Always"),
        ] {
            assert_eq!(value(&dual, name).as_deref(), Some(expected), "{name}");
        }
        let single = Settings::new(&plan("ipv6"), Encapsulation::Vxlan);
        assert_eq!(value(&single, "CALICO_IPV4POOL_VXLAN"), None);
        assert_eq!(
            value(&single, "CALICO_IPV4POOL_CIDR").as_deref(),
            Some("none")
        );
    }

    #[test]
    fn pools_say_how_packets_travel() {
        let modes = |encapsulation| -> Vec<(String, String)> {
            let plan = AddressPlan::default_for("dual".parse().unwrap());
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            ip_pools(&plan, encapsulation)
                .iter()
                .map(|pool| {
                    (
                        text(&pool["spec"]["ipipMode"]),
                        text(&pool["spec"]["vxlanMode"]),
                    )
                })
                .collect()
        };
        let pair = |ipip: &str, vxlan: &str| (ipip.to_owned(), vxlan.to_owned());
        assert_eq!(
            modes(Encapsulation::None),
            [pair("Never", "Never"), pair("Always", "Never")]
        );
        assert_eq!(
            modes(Encapsulation::Vxlan),
            vec![pair("Never", "Always"); 2]
        );
    }

    #[test]
    fn no_setting_names_ipip_for_ipv6() {
        for families in ["ipv6", "dual"] {
            let named = settings(families).env;
            assert!(
                named
                    .iter()
                    .all(|(name, _)| *name != "CALICO_IPV6POOL_IPIP")
            );
        }
    }
}
