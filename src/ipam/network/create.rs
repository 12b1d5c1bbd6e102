//! Creating a network with prefixes of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Known, Network, NetworkError, prefixes, vrf};
use crate::{
    ipam::{
        engine::{DEFAULT_NAMESPACE, EngineError, Reserve},
        state::{Change, Transaction},
    },
    net::Cidr,
};

/// What is asked for; members are spelt as in metal-stack's API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent members of the API"
)]
pub struct CreateRequest {
    /// The unique name; one is made up where none is given.
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
    /// The prefixes.
    pub prefixes: Vec<String>,
    /// What is reached through it.
    #[serde(rename = "destinationprefixes")]
    pub destination_prefixes: Vec<String>,
    /// How long the prefixes of children are by default, by family.
    #[serde(rename = "defaultchildprefixlength")]
    pub default_child_prefix_length: Option<BTreeMap<String, u8>>,
    /// What machines of children may announce beside their own prefixes.
    #[serde(rename = "additionalannouncablecidrs")]
    pub additional_announcable_cidrs: Vec<String>,
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
    pub vrf: Option<u32>,
    /// Whether other networks may have the same VRF.
    #[serde(rename = "vrfshared")]
    pub vrf_shared: bool,
    /// For people and programs.
    pub labels: BTreeMap<String, String>,
}

/// Creates a network. Checks come in the order of metal-api's.
pub fn create(
    steps: &mut Transaction<'_>,
    known: &Known,
    request: &CreateRequest,
) -> Result<Network, NetworkError> {
    if !request.project_id.is_empty() && !known.project(&request.project_id) {
        return Err(NetworkError::ProjectUnknown {
            id: request.project_id.clone(),
        });
    }
    let mut network = read(request)?;
    check_id(steps, &request.id)?;
    check_overlaps(steps, &network.prefixes)?;
    check_partition(steps, known, &network)?;
    if network.nat && (network.private_super || network.underlay) {
        return Err(NetworkError::Nat);
    }
    if let Some(asked) = request.vrf {
        network.vrf = Some(vrf::check(steps.state(), asked, request.vrf_shared)?);
    }
    for prefix in &network.prefixes {
        steps
            .create_prefix(DEFAULT_NAMESPACE, *prefix, Reserve::Ends)
            .map_err(overlap)?;
    }
    steps.apply(Change::Network(Box::new(network.clone())))?;
    Ok(network)
}

/// What can be said about a request alone.
fn read(request: &CreateRequest) -> Result<Network, NetworkError> {
    if request.prefixes.is_empty() {
        return Err(NetworkError::NoPrefixes);
    }
    let lengths = request.default_child_prefix_length.as_ref();
    if lengths.is_some() && !request.private_super {
        return Err(NetworkError::LengthsWithoutSuper);
    }
    let none = BTreeMap::new();
    let lengths = prefixes::lengths(
        "addressfamily of defaultchildprefixlength",
        lengths.unwrap_or(&none),
    )?;
    let own = prefixes::read("prefixes", &request.prefixes)?;
    let destinations = prefixes::read("destinationprefixes", &request.destination_prefixes)?;
    prefixes::check_destinations(&destinations, |family| {
        own.iter().any(|prefix| prefix.family() == family)
    })?;
    if request.private_super {
        prefixes::check_lengths(&own, lengths)?;
    }
    if !request.additional_announcable_cidrs.is_empty() && !request.private_super {
        return Err(NetworkError::AnnouncableWithoutSuper);
    }
    let announcable = prefixes::announcable(&request.additional_announcable_cidrs)?;
    Ok(Network {
        id: request.id.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        partition_id: request.partition_id.clone(),
        project_id: request.project_id.clone(),
        parent_network_id: String::new(),
        prefixes: own,
        destination_prefixes: destinations,
        default_child_prefix_length: lengths,
        additional_announcable_cidrs: announcable,
        private_super: request.private_super,
        underlay: request.underlay,
        nat: request.nat,
        shared: request.shared,
        vrf: None,
        vrf_shared: request.vrf_shared,
        labels: request.labels.clone(),
    })
}

pub(super) fn check_id(steps: &Transaction<'_>, id: &str) -> Result<(), NetworkError> {
    if id.is_empty() {
        return Err(NetworkError::Missing { field: "id" });
    }
    if steps.state().networks().contains_key(id) {
        return Err(NetworkError::NetworkExists { id: id.to_owned() });
    }
    Ok(())
}

fn check_overlaps(steps: &Transaction<'_>, prefixes: &[Cidr]) -> Result<(), NetworkError> {
    let engine = steps.state().engine();
    for (index, prefix) in prefixes.iter().enumerate() {
        engine
            .check_prefix(DEFAULT_NAMESPACE, *prefix)
            .map_err(overlap)?;
        let mut before = prefixes[..index].iter();
        if let Some(with) = before.find(|other| other.overlaps(*prefix)) {
            return Err(NetworkError::Overlap {
                prefix: *prefix,
                with: *with,
            });
        }
    }
    Ok(())
}

/// Another network with exactly this prefix is in the way, too.
pub(super) fn overlap(error: EngineError) -> NetworkError {
    match error {
        EngineError::Overlap { prefix, with } => NetworkError::Overlap { prefix, with },
        EngineError::AlreadyExists { prefix } => NetworkError::Overlap {
            prefix,
            with: prefix,
        },
        other => NetworkError::Engine(other),
    }
}

fn check_partition(
    steps: &Transaction<'_>,
    known: &Known,
    network: &Network,
) -> Result<(), NetworkError> {
    let partition = &network.partition_id;
    if partition.is_empty() {
        return Ok(());
    }
    if !known.partition(partition) {
        return Err(NetworkError::PartitionUnknown {
            id: partition.clone(),
        });
    }
    let mut others = steps.state().networks().values();
    let mut has = |kind: fn(&Network) -> bool| {
        others.any(|other| kind(other) && other.partition_id == *partition)
    };
    if network.private_super && has(|other| other.private_super) {
        return Err(NetworkError::SuperExists {
            partition: partition.clone(),
        });
    }
    if network.underlay && has(|other| other.underlay) {
        return Err(NetworkError::UnderlayExists {
            partition: partition.clone(),
        });
    }
    Ok(())
}
