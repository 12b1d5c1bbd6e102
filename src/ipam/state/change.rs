//! One step from a state to the next.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    ipam::{
        engine::Reserve,
        network::{Allocation, Network},
    },
    net::Cidr,
};

/// A step. The first member of those about prefixes is the namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// A namespace is there.
    Namespace(String),
    /// A namespace is gone.
    NamespaceGone(String),
    /// A root prefix is there.
    Root(String, Cidr, Reserve),
    /// A root prefix is gone.
    RootGone(String, Cidr),
    /// A child was taken from its parent.
    Child(String, Cidr, Cidr),
    /// A child was given back.
    ChildGone(String, Cidr),
    /// An address was taken from its prefix.
    Address(String, Cidr, IpAddr),
    /// An address was given back.
    AddressGone(String, Cidr, IpAddr),
    /// A network is there, or is another one now.
    Network(Box<Network>),
    /// A network is gone.
    NetworkGone(String),
    /// An address of a network has an owner, or another one now.
    Allocation(Box<Allocation>),
    /// An address of a network has no owner any more.
    AllocationGone(IpAddr),
}
