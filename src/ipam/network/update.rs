//! Changing a network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Network, NetworkError, create,
    delete::{delete_prefix, network},
    prefixes,
};
use crate::ipam::{
    engine::{DEFAULT_NAMESPACE, Reserve},
    state::{Change, Transaction},
};

/// What is to be different; what is not given stays. Members are spelt as in metal-stack's API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateRequest {
    /// A name for people.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// All prefixes: others are added, missing ones removed while nothing of them is in use.
    pub prefixes: Option<Vec<String>>,
    /// What is reached through it.
    #[serde(rename = "destinationprefixes")]
    pub destination_prefixes: Option<Vec<String>>,
    /// How long the prefixes of children are by default, for these families.
    #[serde(rename = "defaultchildprefixlength")]
    pub default_child_prefix_length: Option<BTreeMap<String, u8>>,
    /// What machines of children may announce; fewer only by force.
    #[serde(rename = "additionalannouncablecidrs")]
    pub additional_announcable_cidrs: Option<Vec<String>>,
    /// Whether other projects may have addresses from it; it cannot be taken back.
    pub shared: Option<bool>,
    /// For people and programs.
    pub labels: Option<BTreeMap<String, String>>,
    /// Whether to remove what may be announced now.
    pub force: bool,
}

/// Changes a network. Prefixes and lengths are judged together, as they will be: an IPv4 super
/// network becomes dual-stack by one call.
pub fn update(
    steps: &mut Transaction<'_>,
    id: &str,
    request: &UpdateRequest,
) -> Result<Network, NetworkError> {
    let old = network(steps.state(), id)?;
    let mut new = old.clone();
    if let Some(shared) = request.shared {
        if old.shared && !shared {
            return Err(NetworkError::Unshare);
        }
        new.shared = shared;
    }
    if let Some(lengths) = &request.default_child_prefix_length {
        if !old.private_super {
            return Err(NetworkError::UpdatedLengthsWithoutSuper);
        }
        let lengths = prefixes::lengths("addressfamily of defaultchildprefixlength", lengths)?;
        new.default_child_prefix_length = old.default_child_prefix_length.overlaid_by(lengths);
    }
    if let Some(texts) = &request.prefixes {
        if texts.is_empty() {
            return Err(NetworkError::NoPrefixes);
        }
        new.prefixes = prefixes::read("prefixes", texts)?;
    }
    if let Some(texts) = &request.destination_prefixes {
        new.destination_prefixes = prefixes::read("destinationprefixes", texts)?;
    }
    prefixes::check_destinations(&new.destination_prefixes, |family| new.has(family))?;
    if new.private_super {
        prefixes::check_lengths(&new.prefixes, new.default_child_prefix_length)?;
    }
    announcable(&old, &mut new, request)?;
    for (value, member) in [
        (&request.name, &mut new.name),
        (&request.description, &mut new.description),
    ] {
        if let Some(value) = value {
            member.clone_from(value);
        }
    }
    if let Some(labels) = &request.labels {
        new.labels.clone_from(labels);
    }
    for prefix in old
        .prefixes
        .iter()
        .filter(|old| !new.prefixes.contains(old))
    {
        delete_prefix(steps, *prefix, "update")?;
    }
    for prefix in new
        .prefixes
        .iter()
        .filter(|new| !old.prefixes.contains(new))
    {
        steps
            .create_prefix(DEFAULT_NAMESPACE, *prefix, Reserve::Ends)
            .map_err(create::overlap)?;
    }
    steps.apply(Change::Network(Box::new(new.clone())))?;
    Ok(new)
}

fn announcable(
    old: &Network,
    new: &mut Network,
    request: &UpdateRequest,
) -> Result<(), NetworkError> {
    let Some(texts) = &request.additional_announcable_cidrs else {
        return Ok(());
    };
    if !texts.is_empty() && !old.private_super {
        return Err(NetworkError::AnnouncableWithoutSuper);
    }
    new.additional_announcable_cidrs = prefixes::announcable(texts)?;
    let mut before = old.additional_announcable_cidrs.iter();
    match before.find(|cidr| !new.additional_announcable_cidrs.contains(cidr)) {
        Some(cidr) if !request.force => Err(NetworkError::AnnouncableInUse { cidr: *cidr }),
        _ => Ok(()),
    }
}
