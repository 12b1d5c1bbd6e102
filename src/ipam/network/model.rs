//! What is remembered of networks and their addresses.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::ChildLengths;
use crate::net::{Cidr, IpFamily};

/// A network. Members are spelt as in metal-stack's API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent members of the API"
)]
pub struct Network {
    /// The unique name.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The partition that it is in.
    #[serde(rename = "partitionid")]
    pub partition_id: String,
    /// The project that it belongs to.
    #[serde(rename = "projectid")]
    pub project_id: String,
    /// The super network that its prefixes were taken from.
    #[serde(rename = "parentnetworkid")]
    pub parent_network_id: String,
    /// The prefixes, IPv4 first where they were allocated.
    pub prefixes: Vec<Cidr>,
    /// What is reached through it.
    #[serde(rename = "destinationprefixes")]
    pub destination_prefixes: Vec<Cidr>,
    /// How long the prefixes of children are by default, by family; for super networks.
    #[serde(skip_serializing_if = "ChildLengths::is_empty")]
    #[serde(rename = "defaultchildprefixlength")]
    pub default_child_prefix_length: ChildLengths,
    /// What machines of children may announce beside their own prefixes; for super networks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[serde(rename = "additionalannouncablecidrs")]
    pub additional_announcable_cidrs: Vec<Cidr>,
    /// Whether children are taken from it.
    #[serde(rename = "privatesuper")]
    pub private_super: bool,
    /// Whether it carries the fabric.
    pub underlay: bool,
    /// Whether addresses are translated on the way out.
    pub nat: bool,
    /// Whether other projects may have addresses from it.
    pub shared: bool,
    /// The number of its VRF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vrf: Option<u32>,
    /// Whether other networks may have the same VRF.
    #[serde(rename = "vrfshared")]
    pub vrf_shared: bool,
    /// For people and programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl Network {
    /// Its prefixes of a family, in order.
    pub fn prefixes_of(&self, family: IpFamily) -> impl Iterator<Item = Cidr> {
        let prefixes = self.prefixes.iter().copied();
        prefixes.filter(move |prefix| prefix.family() == family)
    }

    /// Whether it has a prefix of a family.
    pub fn has(&self, family: IpFamily) -> bool {
        self.prefixes_of(family).next().is_some()
    }

    /// Whether it was taken from a super network.
    pub const fn is_child(&self) -> bool {
        !self.parent_network_id.is_empty()
    }
}

/// How long an address lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AllocationKind {
    /// As long as what uses it.
    #[default]
    Ephemeral,
    /// Until it is deleted.
    Static,
}

/// An address of a network and who has it. Members are spelt as in metal-stack's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The address.
    #[serde(rename = "ipaddress")]
    pub address: IpAddr,
    /// The unique name of this allocation; the address may be had again later.
    #[serde(rename = "allocationuuid")]
    pub allocation_uuid: String,
    /// A name for people.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The network.
    #[serde(rename = "networkid")]
    pub network_id: String,
    /// The project that has it.
    #[serde(rename = "projectid")]
    pub project_id: String,
    /// The prefix of the network that it is from.
    pub prefix: Cidr,
    /// How long it lives.
    #[serde(rename = "type")]
    pub kind: AllocationKind,
    /// For people and programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_spelt_as_in_the_api_of_metal_stack() {
        let network = Network {
            id: "n".to_owned(),
            default_child_prefix_length: [(IpFamily::V6, 96)].into_iter().collect(),
            ..Network::default()
        };
        let json = serde_json::to_value(&network).unwrap();
        assert_eq!(json["defaultchildprefixlength"]["IPv6"], 96);
        for member in [
            "partitionid",
            "parentnetworkid",
            "privatesuper",
            "vrfshared",
        ] {
            assert!(json.get(member).is_some(), "{member}");
        }
        assert_eq!(serde_json::from_value::<Network>(json).unwrap(), network);
    }
}
