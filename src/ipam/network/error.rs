//! Why the network service refuses. Messages are those that users of metal-stack search for.

use std::net::IpAddr;

use thiserror::Error;

use crate::{
    ipam::engine::EngineError,
    net::{Cidr, IpFamily},
};

/// A refusal. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// The project does not exist.
    #[error("no project with id \"{id}\" found")]
    ProjectUnknown {
        /// Its id.
        id: String,
    },
    /// The partition does not exist.
    #[error("no partition with id \"{id}\" found")]
    PartitionUnknown {
        /// Its id.
        id: String,
    },
    /// The network does not exist.
    #[error("no network with id \"{id}\" found")]
    NetworkUnknown {
        /// Its id.
        id: String,
    },
    /// Nobody has the address.
    #[error("no ip with address \"{address}\" found")]
    AddressUnknown {
        /// The address, as it was written.
        address: String,
    },
    /// The partition has nothing to allocate from.
    #[error("partition with id \"{partition}\" has no private super network")]
    NoSuper {
        /// Its id.
        partition: String,
    },
    /// Something that must be given is not.
    #[error("{field} should not be empty")]
    Missing {
        /// The name of the member.
        field: &'static str,
    },
    /// A network without prefixes.
    #[error("no prefixes given: a network has at least one prefix")]
    NoPrefixes,
    /// Lengths of children for a network that has none.
    #[error("defaultchildprefixlength can only be set for privatesuper networks")]
    LengthsWithoutSuper,
    /// The same, in an update.
    #[error("defaultchildprefixlength can only be set on privatesuper networks")]
    UpdatedLengthsWithoutSuper,
    /// A word that is no family.
    #[error("{of} is invalid given addressfamily:\"{word}\" is invalid: write IPv4 or IPv6")]
    Family {
        /// What it is the family of.
        of: &'static str,
        /// The word.
        word: String,
    },
    /// A text that is no prefix.
    #[error("given cidr {text} is not a valid ip with mask: {why}")]
    Prefix {
        /// The name of the member.
        field: &'static str,
        /// Which element of it.
        index: usize,
        /// What was written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text that is no prefix, among those to be announced.
    #[error("given cidr:\"{text}\" in additionalannouncablecidrs is malformed: {why}")]
    Announcable {
        /// Which element.
        index: usize,
        /// What was written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A destination that the network's own prefixes cannot reach.
    #[error("addressfamily:{family} of destination prefixes is not present in existing prefixes")]
    DestinationFamily {
        /// The family.
        family: IpFamily,
    },
    /// A super network that does not say how long the prefixes of its children are.
    #[error(
        "private super network must always contain a defaultchildprefixlength per addressfamily:{family}"
    )]
    LengthMissing {
        /// The family.
        family: IpFamily,
    },
    /// A length for a family without prefixes, which no child could ever have.
    #[error("defaultchildprefixlength is given for addressfamily:{family}, but no prefix of it")]
    LengthWithoutPrefix {
        /// The family.
        family: IpFamily,
    },
    /// Children do not fit.
    #[error(
        "given defaultchildprefixlength {length} is not greater than prefix length of:{prefix}"
    )]
    LengthNotLonger {
        /// The length.
        length: u8,
        /// The prefix that it does not fit.
        prefix: Cidr,
    },
    /// A length that the family does not have.
    #[error("given prefix length {length} is longer than /{} of {family}", family.bits())]
    LengthImpossible {
        /// The length.
        length: u8,
        /// The family.
        family: IpFamily,
    },
    /// What may be announced is a matter of super networks.
    #[error("additionalannouncablecidrs can only be set in a private super network")]
    AnnouncableWithoutSuper,
    /// Removing something that machines may announce.
    #[error("you cannot remove \"{cidr}\" from additionalannouncablecidrs without force flag set")]
    AnnouncableInUse {
        /// What would be removed.
        cidr: Cidr,
    },
    /// The id is taken.
    #[error("network with id \"{id}\" already exists")]
    NetworkExists {
        /// The id.
        id: String,
    },
    /// Another network has these addresses, or the same one twice.
    #[error("{prefix} overlaps {with}")]
    Overlap {
        /// The prefix that was asked for.
        prefix: Cidr,
        /// What it overlaps.
        with: Cidr,
    },
    /// A partition has one pool.
    #[error("partition with id \"{partition}\" already has a private super network")]
    SuperExists {
        /// The partition.
        partition: String,
    },
    /// A partition has one fabric.
    #[error("partition with id \"{partition}\" already has an underlay network")]
    UnderlayExists {
        /// The partition.
        partition: String,
    },
    /// Neither pools nor fabrics translate addresses.
    #[error("private super or underlay network is not supposed to NAT")]
    Nat,
    /// The number is taken and not shared.
    #[error(
        "cannot acquire a unique vrf id twice except vrfShared is set to true: vrf {vrf} is in use"
    )]
    VrfTaken {
        /// The number.
        vrf: u32,
    },
    /// A number outside of the pool.
    #[error("vrf {vrf} is not a number from 1 to 131072")]
    VrfOutOfRange {
        /// The number.
        vrf: u32,
    },
    /// All numbers are taken.
    #[error("no vrf id is left")]
    NoVrfLeft,
    /// A family without a length.
    #[error("addressfamily {family} specified, but no childprefixlength for this addressfamily")]
    FamilyWithoutLength {
        /// The family.
        family: IpFamily,
    },
    /// The super network has no prefix of that family.
    #[error(
        "cannot allocate free child prefix in one of the given parent prefixes in ipam: {network} has no {family} prefix"
    )]
    NoParentPrefix {
        /// The super network.
        network: String,
        /// The family.
        family: IpFamily,
    },
    /// The engine refuses a child.
    #[error("cannot allocate free child prefix in ipam: {0}")]
    Child(#[source] EngineError),
    /// The engine refuses to give a child back.
    #[error("error releasing child prefix in ipam: {0}")]
    Release(#[source] EngineError),
    /// Only what was allocated can be given back.
    #[error(
        "network \"{id}\" was not allocated from a super network: delete it instead of freeing it"
    )]
    NotAChild {
        /// The network.
        id: String,
    },
    /// A pool in use stays.
    #[error("network cannot be deleted because there are children of this network")]
    HasChildren,
    /// A prefix in use stays.
    #[error("unable to {verb} network: prefix {prefix} has ip {address} in use")]
    AddressInUse {
        /// What was tried.
        verb: &'static str,
        /// The prefix.
        prefix: Cidr,
        /// The lowest address in use.
        address: IpAddr,
    },
    /// A prefix that networks were taken from stays.
    #[error("unable to {verb} network: prefix {prefix} has child prefixes in use")]
    ChildrenInUse {
        /// What was tried.
        verb: &'static str,
        /// The prefix.
        prefix: Cidr,
    },
    /// Sharing is for ever.
    #[error("once a network is marked as shared it is not possible to unshare it")]
    Unshare,
    /// An address and a family.
    #[error("it is not possible to specify specificIP and addressfamily")]
    AddressAndFamily,
    /// A text that is no address.
    #[error("unable to parse specific ip: `{text}` is not an IP address")]
    Address {
        /// What was written.
        text: String,
    },
    /// An address of somebody else.
    #[error("specific ip not contained in any of the defined prefixes")]
    AddressOutside,
    /// The address cannot be had.
    #[error("ip already allocated: {0}")]
    AddressTaken(#[source] EngineError),
    /// The network has no prefix of that family.
    #[error("there is no prefix for the given addressfamily:{family} present in network:{network}")]
    FamilyMissing {
        /// The family.
        family: IpFamily,
        /// The network.
        network: String,
    },
    /// A network of somebody else.
    #[error(
        "can not allocate ip for project \"{project}\" because network belongs to \"{owner}\" and the network is not shared"
    )]
    Foreign {
        /// Who asks.
        project: String,
        /// Whose network it is.
        owner: String,
    },
    /// Pools hold networks, not addresses.
    #[error(
        "network \"{network}\" is a private super network and has no addresses of its own: allocate a network from it first"
    )]
    AddressOfSuper {
        /// The network.
        network: String,
    },
    /// Every address of the family is taken.
    #[error(
        "cannot allocate free ip in ipam, no ips left in the {family} prefixes of network:{network}"
    )]
    NoAddressLeft {
        /// The family.
        family: IpFamily,
        /// The network.
        network: String,
    },
    /// Anything else that the engine refuses.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl NetworkError {
    /// The HTTP status that metal-api answers with, or would if it were not mistaken.
    pub const fn status(&self) -> u16 {
        match self {
            Self::ProjectUnknown { .. }
            | Self::PartitionUnknown { .. }
            | Self::NetworkUnknown { .. }
            | Self::AddressUnknown { .. }
            | Self::NoSuper { .. } => 404,
            Self::NetworkExists { .. } | Self::VrfTaken { .. } | Self::AddressTaken(_) => 409,
            Self::Overlap { .. }
            | Self::UnderlayExists { .. }
            | Self::UpdatedLengthsWithoutSuper
            | Self::NoParentPrefix { .. }
            | Self::Child(_)
            | Self::Release(_)
            | Self::NotAChild { .. }
            | Self::HasChildren
            | Self::AddressInUse { .. }
            | Self::ChildrenInUse { .. }
            | Self::Address { .. }
            | Self::AddressOutside
            | Self::Foreign { .. }
            | Self::Engine(_) => 422,
            // Nobody's mistake: there is just nothing left.
            Self::NoAddressLeft { .. } | Self::NoVrfLeft => 429,
            _ => 400,
        }
    }

    /// The member of the request that is to blame, as a path, where one is.
    pub fn field(&self) -> Option<String> {
        let name = match self {
            Self::Prefix { field, index, .. } => return Some(format!("{field}[{index}]")),
            Self::Announcable { index, .. } => {
                return Some(format!("additionalannouncablecidrs[{index}]"));
            }
            Self::Family { of, .. } => of.rsplit_once(' ').map_or(*of, |(_, name)| name),
            Self::Missing { field } => field,
            Self::NoPrefixes | Self::Overlap { .. } => "prefixes",
            Self::LengthsWithoutSuper
            | Self::UpdatedLengthsWithoutSuper
            | Self::LengthMissing { .. }
            | Self::LengthWithoutPrefix { .. }
            | Self::LengthImpossible { .. }
            | Self::LengthNotLonger { .. } => "defaultchildprefixlength",
            Self::DestinationFamily { .. } => "destinationprefixes",
            Self::AnnouncableWithoutSuper | Self::AnnouncableInUse { .. } => {
                "additionalannouncablecidrs"
            }
            Self::NetworkExists { .. } => "id",
            Self::SuperExists { .. } => "privatesuper",
            Self::UnderlayExists { .. } => "underlay",
            Self::Nat => "nat",
            Self::VrfTaken { .. } | Self::VrfOutOfRange { .. } | Self::NoVrfLeft => "vrf",
            Self::PartitionUnknown { .. } | Self::NoSuper { .. } => "partitionid",
            Self::ProjectUnknown { .. } | Self::Foreign { .. } => "projectid",
            Self::Unshare => "shared",
            _ => return None,
        };
        Some(name.to_owned())
    }
}
