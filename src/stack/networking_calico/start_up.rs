//! Which pools calico-node creates when it starts (`startup.go` of calico v3.31 and v3.32).

use std::collections::BTreeMap;

use thiserror::Error;

use super::ip_pool::{block_sizes, default_block_size};
use crate::{
    net::{Cidr, IpFamily},
    stack::networks::family_of,
};

/// What calico-node finds.
#[derive(Clone, Debug, Default)]
pub struct StartUp {
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// The pools that exist.
    pub existing: Vec<ExistingPool>,
    /// Whether the kernel has IPv6.
    pub kernel_ipv6: bool,
    /// The pod ranges of the cluster's own configuration.
    pub cluster_pods: Vec<String>,
    /// Where the IPv6 variable for VXLAN is read.
    pub vxlan_variable: VxlanVariable,
    /// The random part of a unique local prefix.
    pub global_id: [u8; 5],
}

/// Where `CALICO_IPV6POOL_VXLAN` is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VxlanVariable {
    /// Only while the IPv4 pool is not switched off (up to v3.32.1; projectcalico/calico 12896).
    #[default]
    WithIpv4,
    /// Always (since projectcalico/calico PR 13115).
    Always,
}

/// A pool that exists; even a disabled one keeps its family from getting another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingPool {
    /// The range.
    pub cidr: String,
}

/// A pool that is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedPool {
    /// The name.
    pub name: &'static str,
    /// The range.
    pub cidr: String,
    /// IP in IP.
    pub ipip_mode: &'static str,
    /// VXLAN.
    pub vxlan_mode: &'static str,
    /// Masquerading.
    pub nat_outgoing: bool,
    /// The prefix length of a block.
    pub block_size: u8,
}

/// Why calico-node gives up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StartUpError {
    /// Pools are switched off and asked for.
    #[error("NO_DEFAULT_POOLS and {variable} contradict each other")]
    Contradiction {
        /// The variable that asks for a pool.
        variable: &'static str,
    },
    /// A variable that cannot be used.
    #[error("{variable} cannot be `{value}`")]
    Variable {
        /// The variable.
        variable: String,
        /// What it is set to.
        value: String,
    },
}

const V4_CIDR: &str = "CALICO_IPV4POOL_CIDR";
const V6_CIDR: &str = "CALICO_IPV6POOL_CIDR";

impl StartUp {
    /// The pools that calico-node creates.
    pub fn pools(&self) -> Result<Vec<CreatedPool>, StartUpError> {
        if self
            .get("NO_DEFAULT_POOLS")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        {
            return match [V4_CIDR, V6_CIDR]
                .into_iter()
                .find(|key| self.get(key).is_some())
            {
                Some(variable) => Err(StartUpError::Contradiction { variable }),
                None => Ok(Vec::new()),
            };
        }
        let v4_size = self.block_size("CALICO_IPV4POOL_BLOCK_SIZE", IpFamily::V4)?;
        let v6_size = self.block_size("CALICO_IPV6POOL_BLOCK_SIZE", IpFamily::V6)?;
        let v4_range = self.range(V4_CIDR, IpFamily::V4)?;
        let v6_range = self.range(V6_CIDR, IpFamily::V6)?;
        let mut pools = Vec::new();
        if let Some(cidr) = v4_range.filter(|_| !self.has_pool(IpFamily::V4)) {
            pools.push(CreatedPool {
                name: "default-ipv4-ippool",
                cidr,
                ipip_mode: self.mode("CALICO_IPV4POOL_IPIP")?,
                vxlan_mode: self.mode("CALICO_IPV4POOL_VXLAN")?,
                nat_outgoing: self.switch("CALICO_IPV4POOL_NAT_OUTGOING", true),
                block_size: v4_size,
            });
        }
        let wanted = self.kernel_ipv6 && !self.has_pool(IpFamily::V6);
        if let Some(cidr) = v6_range.filter(|_| wanted) {
            let lost =
                self.vxlan_variable == VxlanVariable::WithIpv4 && self.get(V4_CIDR) == Some("none");
            pools.push(CreatedPool {
                name: "default-ipv6-ippool",
                cidr,
                ipip_mode: "Never",
                vxlan_mode: if lost {
                    "Never"
                } else {
                    self.mode("CALICO_IPV6POOL_VXLAN")?
                },
                nat_outgoing: self.switch("CALICO_IPV6POOL_NAT_OUTGOING", false),
                block_size: v6_size,
            });
        }
        Ok(pools)
    }

    fn get(&self, variable: &str) -> Option<&str> {
        let value = self.env.get(variable).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    fn bad(variable: &str, value: &str) -> StartUpError {
        StartUpError::Variable {
            variable: variable.to_owned(),
            value: value.to_owned(),
        }
    }

    fn has_pool(&self, family: IpFamily) -> bool {
        self.existing
            .iter()
            .any(|pool| family_of(&pool.cidr) == Some(family))
    }

    /// The range of a pool; nothing where it is switched off.
    fn range(&self, variable: &str, family: IpFamily) -> Result<Option<String>, StartUpError> {
        match self.get(variable) {
            Some("none") => Ok(None),
            Some(value) => match value.parse::<Cidr>() {
                Ok(range) if range.family() == family => Ok(Some(value.to_owned())),
                _ => Err(Self::bad(variable, value)),
            },
            None => {
                let of_cluster = self
                    .cluster_pods
                    .iter()
                    .find(|range| family_of(range) == Some(family));
                Ok(Some(
                    of_cluster
                        .cloned()
                        .unwrap_or_else(|| self.any_range(family)),
                ))
            }
        }
    }

    fn any_range(&self, family: IpFamily) -> String {
        match family {
            IpFamily::V4 => "192.168.0.0/16".to_owned(),
            IpFamily::V6 => {
                let mut bytes = [0; 16];
                bytes[0] = 0xfd;
                bytes[1..6].copy_from_slice(&self.global_id);
                let address = std::net::Ipv6Addr::from(bytes);
                let range = Cidr::containing(address.into(), 48);
                range.expect("IPv6 has prefixes of that length").to_string()
            }
        }
    }

    fn block_size(&self, variable: &str, family: IpFamily) -> Result<u8, StartUpError> {
        let Some(value) = self.get(variable) else {
            return Ok(default_block_size(family));
        };
        let size = value.parse().ok();
        size.filter(|size| block_sizes(family).contains(size))
            .ok_or_else(|| Self::bad(variable, value))
    }

    fn mode(&self, variable: &str) -> Result<&'static str, StartUpError> {
        let Some(value) = self.get(variable) else {
            return Ok("Never");
        };
        match value.to_ascii_lowercase().as_str() {
            "never" | "off" => Ok("Never"),
            "always" => Ok("Always"),
            "crosssubnet" | "cross-subnet" => Ok("CrossSubnet"),
            _ => Err(Self::bad(variable, value)),
        }
    }

    fn switch(&self, variable: &str, default: bool) -> bool {
        self.get(variable).map_or(default, |value| {
            let value = value.to_ascii_lowercase();
            !matches!(value.as_str(), "false" | "0" | "no" | "n" | "f")
        })
    }
}
