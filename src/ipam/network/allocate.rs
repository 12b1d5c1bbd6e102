//! Allocating a network from the private super network of a partition.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Known, Network, NetworkError, create, prefixes, vrf};
use crate::{
    ipam::{
        engine::{DEFAULT_NAMESPACE, EngineError},
        state::{Change, Transaction},
    },
    net::{Cidr, IpFamily},
};

/// What is asked for; members are spelt as in metal-stack's API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AllocateRequest {
    /// The unique name; one is made up where none is given.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The partition whose super network it is taken from.
    #[serde(rename = "partitionid")]
    pub partition_id: String,
    /// The project that it belongs to.
    #[serde(rename = "projectid")]
    pub project_id: String,
    /// Only this family.
    #[serde(rename = "addressfamily")]
    pub address_family: Option<String>,
    /// How long its prefixes are, by family; where nothing is said, as the super network says.
    pub length: BTreeMap<String, u8>,
    /// What is reached through it.
    #[serde(rename = "destinationprefixes")]
    pub destination_prefixes: Vec<String>,
    /// Whether addresses are translated on the way out.
    pub nat: bool,
    /// Whether other projects may have addresses from it.
    pub shared: bool,
    /// For people and programs.
    pub labels: BTreeMap<String, String>,
}

/// Allocates a network: IPv4 first, then IPv6, all or nothing.
pub fn allocate(
    steps: &mut Transaction<'_>,
    known: &Known,
    request: &AllocateRequest,
) -> Result<Network, NetworkError> {
    let family = request
        .address_family
        .as_deref()
        .map(|word| prefixes::family("addressfamily", word))
        .transpose()?;
    let asked = prefixes::lengths("addressfamily of length", &request.length)?;
    let destinations = prefixes::read("destinationprefixes", &request.destination_prefixes)?;
    let parent = parent(steps, known, request)?;
    let lengths = parent.default_child_prefix_length.overlaid_by(asked);
    if let Some(family) = family
        && lengths.get(family).is_none()
    {
        return Err(NetworkError::FamilyWithoutLength { family });
    }
    create::check_id(steps, &request.id)?;
    let mut own = Vec::new();
    for (of, length) in lengths.iter() {
        if family.is_none_or(|only| only == of) {
            own.push(child(steps, &parent, of, length)?);
        }
    }
    prefixes::check_destinations(&destinations, |family| {
        own.iter().any(|prefix| prefix.family() == family)
    })?;
    let network = Network {
        id: request.id.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        partition_id: parent.partition_id,
        project_id: request.project_id.clone(),
        parent_network_id: parent.id,
        prefixes: own,
        destination_prefixes: destinations,
        nat: request.nat,
        shared: request.shared,
        vrf: Some(vrf::next(steps.state())?),
        labels: request.labels.clone(),
        ..Network::default()
    };
    steps.apply(Change::Network(Box::new(network.clone())))?;
    Ok(network)
}

/// The super network of the partition.
fn parent(
    steps: &Transaction<'_>,
    known: &Known,
    request: &AllocateRequest,
) -> Result<Network, NetworkError> {
    for (field, value) in [
        ("projectid", &request.project_id),
        ("partitionid", &request.partition_id),
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
    let partition = &request.partition_id;
    if !known.partition(partition) {
        return Err(NetworkError::PartitionUnknown {
            id: partition.clone(),
        });
    }
    let mut networks = steps.state().networks().values();
    networks
        .find(|network| network.private_super && network.partition_id == *partition)
        .cloned()
        .ok_or_else(|| NetworkError::NoSuper {
            partition: partition.clone(),
        })
}

/// A child from the first prefix of the family that has room.
fn child(
    steps: &mut Transaction<'_>,
    parent: &Network,
    family: IpFamily,
    length: u8,
) -> Result<Cidr, NetworkError> {
    let mut refused: Option<EngineError> = None;
    for prefix in parent.prefixes_of(family) {
        match steps.acquire_child(DEFAULT_NAMESPACE, prefix, length) {
            Ok(child) => return Ok(child),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or_else(
        || NetworkError::NoParentPrefix {
            network: parent.id.clone(),
            family,
        },
        NetworkError::Child,
    ))
}
