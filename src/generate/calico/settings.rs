//! What calico has to be told for the families of a cluster.

use serde_json::{Value, json};

use crate::{ipam::AddressPlan, net::IpFamily};

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
}

impl Settings {
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
        }
    }
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
