//! Addresses of networks.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Allocation, AllocationKind, Known, Network, NetworkError, prefixes};
use crate::{
    ipam::{
        engine::{self, DEFAULT_NAMESPACE, EngineError},
        state::{Change, Transaction},
    },
    net::{Cidr, IpFamily},
};

/// What is asked for; members are spelt as in metal-stack's API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressRequest {
    /// The unique name of the allocation.
    #[serde(rename = "allocationuuid")]
    pub allocation_uuid: String,
    /// A name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The network.
    #[serde(rename = "networkid")]
    pub network_id: String,
    /// The project that wants it.
    #[serde(rename = "projectid")]
    pub project_id: String,
    /// Exactly this address.
    #[serde(rename = "ipaddress")]
    pub address: Option<String>,
    /// Any address of this family; without it IPv4, if the network has that.
    #[serde(rename = "addressfamily")]
    pub address_family: Option<String>,
    /// How long it lives.
    #[serde(rename = "type")]
    pub kind: AllocationKind,
    /// For people and programs.
    pub tags: Vec<String>,
}

/// Gives a project an address of a network.
pub fn allocate_address(
    steps: &mut Transaction<'_>,
    known: &Known,
    request: &AddressRequest,
) -> Result<Allocation, NetworkError> {
    let network = network(steps, known, request)?;
    let family = request
        .address_family
        .as_deref()
        .map(|word| prefixes::family("addressfamily", word))
        .transpose()?;
    let asked = request.address.as_deref().filter(|text| !text.is_empty());
    if asked.is_some() && family.is_some() {
        return Err(NetworkError::AddressAndFamily);
    }
    if network.is_child() && !network.shared && network.project_id != request.project_id {
        return Err(NetworkError::Foreign {
            project: request.project_id.clone(),
            owner: network.project_id,
        });
    }
    if network.private_super {
        return Err(NetworkError::AddressOfSuper {
            network: network.id,
        });
    }
    let (prefix, address) = match asked {
        Some(text) => specific(steps, &network, text)?,
        None => lowest(steps, &network, family)?,
    };
    let allocation = Allocation {
        address,
        allocation_uuid: request.allocation_uuid.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        network_id: network.id,
        project_id: request.project_id.clone(),
        prefix,
        kind: request.kind,
        tags: request.tags.clone(),
    };
    steps.apply(Change::Allocation(Box::new(allocation.clone())))?;
    Ok(allocation)
}

fn network(
    steps: &Transaction<'_>,
    known: &Known,
    request: &AddressRequest,
) -> Result<Network, NetworkError> {
    for (field, value) in [
        ("networkid", &request.network_id),
        ("projectid", &request.project_id),
    ] {
        if value.is_empty() {
            return Err(NetworkError::Missing { field });
        }
    }
    if !known.project(&request.project_id) {
        return Err(NetworkError::ProjectUnknown {
            id: request.project_id.clone(),
        });
    }
    let networks = steps.state().networks();
    networks
        .get(&request.network_id)
        .cloned()
        .ok_or_else(|| NetworkError::NetworkUnknown {
            id: request.network_id.clone(),
        })
}

fn specific(
    steps: &mut Transaction<'_>,
    network: &Network,
    text: &str,
) -> Result<(Cidr, IpAddr), NetworkError> {
    let address = engine::address(text).map_err(|_| NetworkError::Address {
        text: text.to_owned(),
    })?;
    let mut prefixes = network.prefixes.iter();
    let prefix = *prefixes
        .find(|prefix| prefix.contains(address))
        .ok_or(NetworkError::AddressOutside)?;
    steps
        .acquire_specific_address(DEFAULT_NAMESPACE, prefix, address)
        .map_err(|error| match error {
            EngineError::Held { .. } | EngineError::Reserved { .. } => {
                NetworkError::AddressTaken(error)
            }
            other => NetworkError::Engine(other),
        })?;
    Ok((prefix, address))
}

/// The lowest free address of the first prefix with room; one family never stands in for another.
fn lowest(
    steps: &mut Transaction<'_>,
    network: &Network,
    family: Option<IpFamily>,
) -> Result<(Cidr, IpAddr), NetworkError> {
    let default = if network.has(IpFamily::V4) {
        IpFamily::V4
    } else {
        IpFamily::V6
    };
    let family = family.unwrap_or(default);
    if !network.has(family) {
        return Err(NetworkError::FamilyMissing {
            family,
            network: network.id.clone(),
        });
    }
    for prefix in network.prefixes_of(family) {
        match steps.acquire_address(DEFAULT_NAMESPACE, prefix) {
            Ok(address) => return Ok((prefix, address)),
            Err(EngineError::NoAddressLeft { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(NetworkError::NoAddressLeft {
        family,
        network: network.id.clone(),
    })
}

/// Takes an address back.
pub fn free_address(steps: &mut Transaction<'_>, text: &str) -> Result<Allocation, NetworkError> {
    let unknown = || NetworkError::AddressUnknown {
        address: text.to_owned(),
    };
    let address = engine::address(text).map_err(|_| unknown())?;
    let allocations = steps.state().allocations();
    let allocation = allocations.get(&address).cloned().ok_or_else(unknown)?;
    steps.release_address(DEFAULT_NAMESPACE, allocation.prefix, address)?;
    steps.apply(Change::AllocationGone(address))?;
    Ok(allocation)
}
