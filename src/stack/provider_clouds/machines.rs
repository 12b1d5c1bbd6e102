//! The machines of a Shoot on a cloud, and what each of them has. Pure.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{
    ipam::clouds::{CloudError, Fleet, Node, Resolution},
    net::{Cidr, Families, IpFamily},
};

/// One machine. What its Node has is written once: a Node cannot change its pod range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Machine {
    /// The name of the machine and of its Node.
    pub(super) name: String,
    /// The pool that it is from.
    pub(super) pool: String,
    /// The zone that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
    /// The prefix that the cloud delegated to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) host_prefix: Option<Cidr>,
    /// The part of it that pods never get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reserved: Option<Cidr>,
    /// The addresses of its Node, one per family, the primary one first.
    pub(super) addresses: Vec<IpAddr>,
    /// `spec.podCIDR` of its Node.
    #[serde(rename = "podCIDR")]
    pub(super) pod_cidr: Cidr,
    /// `spec.podCIDRs` of its Node.
    #[serde(rename = "podCIDRs")]
    pub(super) pod_cidrs: Vec<Cidr>,
    /// Whether its Node takes pods.
    pub(super) ready: bool,
}

/// A machine that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) pool: String,
    pub(super) zone: Option<String>,
    /// The number of its zone among those of the Shoot.
    pub(super) zone_index: usize,
    /// The IPv6 address that somebody chose for it.
    pub(super) address: Option<IpAddr>,
}

/// What machines are cut from.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) families: Families,
    /// The IPv6 half, where the Shoot has it.
    pub(super) v6: Option<Resolution>,
    /// The IPv4 half, where the Shoot has it.
    pub(super) v4: Option<Fleet>,
}

/// The length of a node's IPv4 pod range, unless all pods have less.
const NODE_PODS_V4: u8 = 24;
/// The first addresses of a range are left to routers.
const FIRST_V4: u128 = 16;

/// The IPv4 half of a Shoot.
pub(super) fn v4(nodes: Cidr, pods: Cidr) -> Fleet {
    Fleet::plain(
        (nodes, FIRST_V4),
        (pods, NODE_PODS_V4.max(pods.prefix_len())),
    )
}

/// Gives every wanted machine what it had before, or something free; what nobody wants any more is
/// free first, so that it can be had again.
pub(super) fn plan(
    mut space: Space,
    wanted: &[Slot],
    before: &[Machine],
) -> Result<(Vec<Machine>, Space), CloudError> {
    let known: BTreeMap<&str, &Machine> = before
        .iter()
        .map(|machine| (machine.name.as_str(), machine))
        .collect();
    let mut kept: BTreeMap<&str, Machine> = BTreeMap::new();
    for slot in wanted {
        if let Some(machine) = known.get(slot.name.as_str())
            && restore(&mut space, machine)
        {
            kept.insert(&slot.name, (*machine).clone());
        }
    }
    let mut machines = Vec::new();
    for slot in wanted {
        let machine = match kept.remove(slot.name.as_str()) {
            Some(machine) => machine,
            None => join(&mut space, slot)?,
        };
        machines.push(machine);
    }
    if let Some(resolution) = &space.v6 {
        resolution.check()?;
    }
    Ok((machines, space))
}

fn half(machine: &Machine, family: IpFamily) -> Option<Node> {
    let address = *machine
        .addresses
        .iter()
        .find(|address| IpFamily::of(**address) == family)?;
    let pods = *machine
        .pod_cidrs
        .iter()
        .find(|pods| pods.family() == family)?;
    let v6 = family == IpFamily::V6;
    Some(Node {
        prefix: machine.host_prefix.filter(|_| v6),
        reserved: machine.reserved.filter(|_| v6),
        address,
        pods,
    })
}

fn restore(space: &mut Space, machine: &Machine) -> bool {
    let name = &machine.name;
    let v6 = space.v6.as_mut().is_none_or(|resolution| {
        half(machine, IpFamily::V6).is_some_and(|node| resolution.fleet.restore(name, node))
    });
    let v4 = v6
        && space.v4.as_mut().is_none_or(|fleet| {
            half(machine, IpFamily::V4).is_some_and(|node| fleet.restore(name, node))
        });
    if v6
        && !v4
        && let Some(resolution) = &mut space.v6
    {
        resolution.fleet.leave(name);
    }
    v6 && v4
}

fn join(space: &mut Space, slot: &Slot) -> Result<Machine, CloudError> {
    let v6 = match &mut space.v6 {
        Some(resolution) => Some(match slot.address {
            Some(address) => resolution.fleet.join_at(&slot.name, address)?,
            None => resolution.fleet.join(&slot.name, slot.zone_index)?,
        }),
        None => None,
    };
    let v4 = match &mut space.v4 {
        Some(fleet) => Some(fleet.join(&slot.name, 0)?),
        None => None,
    };
    let of = |family| match family {
        IpFamily::V4 => v4,
        IpFamily::V6 => v6,
    };
    let nodes: Vec<Node> = space.families.iter().filter_map(of).collect();
    let pod_cidrs: Vec<Cidr> = nodes.iter().map(|node| node.pods).collect();
    let first = pod_cidrs.first().copied();
    Ok(Machine {
        name: slot.name.clone(),
        pool: slot.pool.clone(),
        zone: slot.zone.clone(),
        host_prefix: v6.and_then(|node| node.prefix),
        reserved: v6.and_then(|node| node.reserved),
        addresses: nodes.iter().map(|node| node.address).collect(),
        pod_cidr: first.expect("a Shoot has one family at least"),
        pod_cidrs,
        ready: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipam::clouds::{limits::DEFAULT_KUBERNETES, openstack};

    fn slot(name: &str, address: Option<&str>) -> Slot {
        Slot {
            name: name.to_owned(),
            pool: "a".to_owned(),
            zone: None,
            zone_index: 0,
            address: address.map(|text| text.parse().unwrap()),
        }
    }

    fn space() -> Space {
        let subnet = ["2001:db8::/64".parse().unwrap()];
        let request = openstack::Request::default();
        let assignment = openstack::resolve(&request, &subnet, DEFAULT_KUBERNETES).unwrap();
        let nodes = "10.255.0.0/16".parse().unwrap();
        Space {
            families: Families::dual(IpFamily::V6),
            v6: Some(assignment.resolution),
            v4: Some(v4(nodes, "10.0.0.0/16".parse().unwrap())),
        }
    }

    #[test]
    fn the_figures_of_the_openstack_diagram() {
        let wanted = [
            slot("node-a", Some("2001:db8::a1")),
            slot("node-b", Some("2001:db8::b4")),
        ];
        let (machines, space) = plan(space(), &wanted, &[]).unwrap();
        assert_eq!(machines[0].pod_cidr.to_string(), "2001:db8:0:0:4000::/112");
        assert_eq!(machines[1].pod_cidrs[1].to_string(), "10.0.1.0/24");
        let routes: Vec<String> = space
            .v6
            .unwrap()
            .fleet
            .routes()
            .iter()
            .map(|(destination, hop)| format!("{destination} via {hop}"))
            .collect();
        assert_eq!(
            routes,
            [
                "2001:db8:0:0:4000::/112 via 2001:db8::a1",
                "2001:db8::4000:0:1:0/112 via 2001:db8::b4"
            ]
        );
    }

    #[test]
    fn a_machine_keeps_what_it_has_and_who_comes_later_gets_what_was_given_back() {
        let (first, _) = plan(space(), &[slot("a", None), slot("b", None)], &[]).unwrap();
        let (second, _) = plan(space(), &[slot("b", None), slot("c", None)], &first).unwrap();
        assert_eq!(second[0], first[1]);
        assert_eq!(second[1].pod_cidrs, first[0].pod_cidrs);
        assert_eq!(second[1].addresses, first[0].addresses);
    }
}
