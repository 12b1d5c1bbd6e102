//! `OpenStack`: one subnet out of a pool, split in quarters, and a route to the pods of every node.

use std::{fmt, net::IpAddr, str::FromStr};

use super::{CloudError, Fleet, Ranges, Resolution, limits, vendor::VENDORS};
use crate::{
    ipam::engine::{DEFAULT_NAMESPACE, Engine, Reserve},
    net::Cidr,
};

/// How hosts of a subnet get their addresses (Neutron, `ipv6_address_mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressMode {
    /// From a DHCP server that serves an allocation pool.
    #[default]
    StatefulDhcp,
    /// By themselves; DHCP tells the rest.
    StatelessDhcp,
    /// By themselves.
    Slaac,
}

impl FromStr for AddressMode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "dhcpv6-stateful" => Ok(Self::StatefulDhcp),
            "dhcpv6-stateless" => Ok(Self::StatelessDhcp),
            "slaac" => Ok(Self::Slaac),
            _ => Err(format!("unknown address mode `{word}`")),
        }
    }
}

impl fmt::Display for AddressMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StatefulDhcp => "dhcpv6-stateful",
            Self::StatelessDhcp => "dhcpv6-stateless",
            Self::Slaac => "slaac",
        })
    }
}

/// Which subnets a Shoot has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One, split in quarters: nodes, pods, services, spare (the draft).
    #[default]
    Split,
    /// One for each role (as shipped).
    ThreeSubnets,
}

/// What a Shoot is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which subnets it has.
    pub mode: Mode,
    /// How nodes get their addresses.
    pub address_mode: AddressMode,
    /// How many routes the router may have.
    pub route_quota: usize,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            address_mode: AddressMode::default(),
            route_quota: VENDORS.openstack.route_quota,
        }
    }
}

impl Request {
    /// How many subnets are needed.
    pub const fn subnets(&self) -> usize {
        match self.mode {
            Mode::Split => 1,
            Mode::ThreeSubnets => 3,
        }
    }
}

/// What a Shoot gets.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Ranges and nodes.
    pub resolution: Resolution,
    /// The subnet of the nodes.
    pub subnet: Cidr,
    /// The router's address in it.
    pub gateway: IpAddr,
    /// The first and the last address that DHCP serves.
    pub allocation_pool: (IpAddr, IpAddr),
    /// What the node controller of Kubernetes can be told to cut node ranges from.
    pub node_ipam: Cidr,
}

/// Takes subnets out of a pool, as Neutron places them: best fit.
pub fn from_pool(pool: Cidr, taken: &[Cidr], count: usize) -> Result<Vec<Cidr>, CloudError> {
    let length = VENDORS.openstack.subnet;
    let exhausted = CloudError::OpenStackPoolExhausted { pool, length };
    if pool.prefix_len() == length {
        return if taken.is_empty() && count == 1 {
            Ok(vec![pool])
        } else {
            Err(exhausted)
        };
    }
    let mut engine = Engine::default();
    engine
        .create_prefix(DEFAULT_NAMESPACE, pool, Reserve::Ends)
        .expect("the only prefix overlaps nothing");
    for subnet in taken {
        // What is not of this pool does not take anything from it.
        drop(engine.acquire_specific_child(DEFAULT_NAMESPACE, pool, *subnet));
    }
    (0..count)
        .map(|_| {
            engine
                .acquire_child(DEFAULT_NAMESPACE, pool, length)
                .map_err(|_| exhausted.clone())
        })
        .collect()
}

/// The first part of a range.
fn first(range: Cidr, length: u8) -> Cidr {
    let mut parts = range.subnets(length);
    parts.next().expect("parts are longer than the whole")
}

/// What a Shoot gets from its subnets. The gateway has the first address, so nodes start at `::2`.
pub fn resolve(
    request: &Request,
    subnets: &[Cidr],
    kubernetes: limits::Kubernetes,
) -> Result<Assignment, CloudError> {
    const FIRST_NODE: u128 = 2;
    let limits = &VENDORS.openstack;
    for subnet in subnets {
        if subnet.prefix_len() != limits.subnet {
            return Err(CloudError::OpenStackSubnetSize {
                subnet: *subnet,
                length: limits.subnet,
            });
        }
    }
    let (nodes, pods, services, node_ipam, mask) = match (request.mode, subnets) {
        (Mode::Split, [subnet]) => {
            if request.address_mode != AddressMode::StatefulDhcp {
                return Err(CloudError::OpenStackSplitNeedsStatefulDhcp {
                    mode: request.address_mode.to_string(),
                });
            }
            let mut quarters = subnet.subnets(limits.quarter);
            let mut next = || quarters.next().expect("there are four quarters");
            let (nodes, pods, room) = (next(), next(), next());
            let services = limits::service_part(room, limits.services, kubernetes);
            let node_ipam = first(pods, limits.node_ipam);
            (nodes, pods, services, node_ipam, limits.node_pods)
        }
        (Mode::ThreeSubnets, [nodes, pods, room]) => {
            let services = first(*room, limits.separate_services);
            (*nodes, *pods, services, *pods, limits.separate_node_pods)
        }
        _ => {
            return Err(CloudError::OpenStackPoolExhausted {
                pool: subnets
                    .first()
                    .copied()
                    .unwrap_or_else(|| Cidr::host(IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED))),
                length: limits.subnet,
            });
        }
    };
    let fleet = Fleet::with_ranges((nodes, FIRST_NODE), (pods, mask), Some(request.route_quota));
    let inside = |offset| nodes.nth(offset).expect("node ranges are larger than this");
    Ok(Assignment {
        resolution: Resolution::new(Ranges::of(nodes, pods, services), fleet, kubernetes)?,
        subnet: subnets[0],
        gateway: inside(1),
        allocation_pool: (inside(FIRST_NODE), nodes.last()),
        node_ipam,
    })
}
