//! The nodes of a Shoot and what each of them has.

use std::{collections::BTreeMap, net::IpAddr};

use super::{CloudError, Template};
use crate::{
    ipam::engine::{Addresses, Usable},
    net::Cidr,
};

/// What one node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The prefix that the cloud delegated to the host, where clouds do that.
    pub prefix: Option<Cidr>,
    /// The part of it that pods never get.
    pub reserved: Option<Cidr>,
    /// Its own address.
    pub address: IpAddr,
    /// The range of its pods.
    pub pods: Cidr,
}

/// How nodes get what they have.
#[derive(Clone, Debug)]
enum Way {
    /// Every host has a prefix of its own, out of the pool of its zone.
    HostPrefixes { pools: Vec<Pool>, split: Split },
    /// Addresses and pod ranges come from two ranges, independent of each other.
    Ranges {
        nodes: Pool,
        pods: Pool,
        /// Addresses of the network itself, by offset.
        reserved_below: u128,
        /// Whether the router has a route to the pods of every node, and how many it may have.
        routes: Option<usize>,
    },
}

/// What a host does with its prefix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Split {
    /// As a template says.
    Template(Template),
    /// The first part of this length is for pods, the node's own address included.
    First(u8),
}

/// Pieces of one length, by number.
#[derive(Clone, Debug)]
struct Pool {
    range: Cidr,
    piece: u8,
    numbers: Addresses,
}

impl Pool {
    /// The pieces from number `first` to `last`.
    fn new(range: Cidr, piece: u8, first: u128, last: u128) -> Self {
        Self {
            range,
            piece,
            numbers: Addresses::new(Usable::between(first, last)),
        }
    }

    fn piece(&self, number: u128) -> Option<Cidr> {
        let bits = self.range.family().bits();
        let step = 1_u128
            .checked_shl(u32::from(bits - self.piece))
            .unwrap_or(0);
        let address = self.range.nth(number.checked_mul(step)?)?;
        Cidr::containing(address, self.piece)
    }

    /// The number of a piece, if it is one of these.
    fn number(&self, piece: Cidr) -> Option<u128> {
        let bits = self.range.family().bits();
        let offset = self.range.offset_of(piece.network())?;
        (piece.prefix_len() == self.piece).then(|| offset >> (bits - self.piece))
    }
}

/// Nodes by name.
#[derive(Clone, Debug)]
pub struct Fleet {
    way: Way,
    nodes: BTreeMap<String, Node>,
}

/// The number of the last piece.
fn last(range: Cidr, piece: u8) -> u128 {
    match u32::from(piece - range.prefix_len()) {
        128.. => u128::MAX,
        bits => (1 << bits) - 1,
    }
}

impl Fleet {
    /// Hosts with prefixes out of the pool of their zone: the lowest free one, never the first
    /// (the subnet's own router and the provider's addresses are in there) and never the last.
    pub(super) fn with_host_prefixes(
        pools: impl IntoIterator<Item = Cidr>,
        length: u8,
        split: Split,
    ) -> Self {
        let pools = pools.into_iter();
        Self {
            way: Way::HostPrefixes {
                pools: pools
                    .map(|pool| Pool::new(pool, length, 1, last(pool, length).saturating_sub(1)))
                    .collect(),
                split,
            },
            nodes: BTreeMap::new(),
        }
    }

    /// Nodes with addresses from offset `first` of `nodes` on, and ranges of length `mask` out of
    /// `pods`, both the lowest free ones.
    pub(super) fn with_ranges(
        (nodes, first): (Cidr, u128),
        (pods, mask): (Cidr, u8),
        routes: Option<usize>,
    ) -> Self {
        let host = nodes.family().bits();
        Self {
            way: Way::Ranges {
                nodes: Pool::new(nodes, host, first, last(nodes, host)),
                pods: Pool::new(pods, mask, 0, last(pods, mask)),
                reserved_below: first,
                routes,
            },
            nodes: BTreeMap::new(),
        }
    }

    /// Nodes without any cloud: addresses from offset `first` of a range, pods out of another one.
    pub fn plain(nodes: (Cidr, u128), pods: (Cidr, u8)) -> Self {
        Self::with_ranges(nodes, pods, None)
    }

    /// Takes a host prefix that no node will have; nothing where hosts have none.
    pub(super) fn hold(&mut self) -> Result<Option<Cidr>, CloudError> {
        match &mut self.way {
            Way::HostPrefixes { pools, split } => Ok(host(pools, *split, 0)?.prefix),
            Way::Ranges { .. } => Ok(None),
        }
    }

    /// The nodes by name.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// Where the router sends packets for pods: the pods of a node through its address. Empty on
    /// clouds that know by themselves.
    pub fn routes(&self) -> Vec<(Cidr, IpAddr)> {
        match &self.way {
            Way::Ranges {
                routes: Some(_), ..
            } => {
                let routes = self.nodes.values();
                let mut routes: Vec<_> = routes.map(|node| (node.pods, node.address)).collect();
                routes.sort_unstable();
                routes
            }
            _ => Vec::new(),
        }
    }

    /// Whether a node's own address may lie in its pod range, as shipped on one cloud.
    pub(super) const fn allows_own_address_in_pods(&self) -> bool {
        matches!(
            self.way,
            Way::HostPrefixes {
                split: Split::First(_),
                ..
            }
        )
    }

    /// A node joins in a zone. The same name gets the same again.
    pub fn join(&mut self, name: &str, zone: usize) -> Result<Node, CloudError> {
        self.place(name, zone, None)
    }

    /// A node joins with an address that somebody chose for it.
    pub fn join_at(&mut self, name: &str, address: IpAddr) -> Result<Node, CloudError> {
        self.place(name, 0, Some(address))
    }

    fn place(
        &mut self,
        name: &str,
        zone: usize,
        address: Option<IpAddr>,
    ) -> Result<Node, CloudError> {
        if let Some(node) = self.nodes.get(name) {
            return Ok(*node);
        }
        let count = self.nodes.len();
        let node = match &mut self.way {
            Way::HostPrefixes { pools, split } => host(pools, *split, zone)?,
            Way::Ranges {
                nodes,
                pods,
                reserved_below,
                routes,
            } => {
                if let Some(quota) = *routes
                    && count >= quota
                {
                    return Err(CloudError::OpenStackRouteQuota {
                        routes: count + 1,
                        quota,
                    });
                }
                pair(nodes, pods, *reserved_below, address)?
            }
        };
        self.nodes.insert(name.to_owned(), node);
        Ok(node)
    }

    /// A node that is known from before has what it had; false where that is not possible.
    pub fn restore(&mut self, name: &str, node: Node) -> bool {
        let taken = match &mut self.way {
            Way::HostPrefixes { pools, .. } => node.prefix.is_some_and(|prefix| {
                pools.iter_mut().any(|pool| {
                    let number = pool.number(prefix);
                    number.is_some_and(|number| pool.numbers.take(number))
                })
            }),
            Way::Ranges { nodes, pods, .. } => {
                let numbers = nodes
                    .number(Cidr::host(node.address))
                    .zip(pods.number(node.pods));
                numbers.is_some_and(|(address, range)| {
                    let address_taken = nodes.numbers.take(address);
                    let range_taken = pods.numbers.take(range);
                    if address_taken && !range_taken {
                        nodes.numbers.release(address);
                    }
                    if range_taken && !address_taken {
                        pods.numbers.release(range);
                    }
                    address_taken && range_taken
                })
            }
        };
        if taken {
            self.nodes.insert(name.to_owned(), node);
        }
        taken
    }

    /// A node leaves; what it had can be had again at once.
    pub fn leave(&mut self, name: &str) {
        let Some(node) = self.nodes.remove(name) else {
            return;
        };
        match &mut self.way {
            Way::HostPrefixes { pools, .. } => {
                for pool in pools {
                    let number = node.prefix.and_then(|prefix| pool.number(prefix));
                    if let Some(number) = number {
                        pool.numbers.release(number);
                    }
                }
            }
            Way::Ranges { nodes, pods, .. } => {
                if let Some(number) = nodes.number(Cidr::host(node.address)) {
                    nodes.numbers.release(number);
                }
                if let Some(number) = pods.number(node.pods) {
                    pods.numbers.release(number);
                }
            }
        }
    }
}

fn host(pools: &mut [Pool], split: Split, zone: usize) -> Result<Node, CloudError> {
    let pool = pools
        .get_mut(zone)
        .ok_or(CloudError::ZoneUnknown { zone })?;
    let exhausted = CloudError::HostPrefixesExhausted {
        pool: pool.range,
        length: pool.piece,
    };
    let number = pool.numbers.next().ok_or_else(|| exhausted.clone())?;
    let prefix = pool.piece(number).ok_or(exhausted)?;
    let node = match split {
        Split::Template(template) => {
            let split = template.split(prefix)?;
            Node {
                prefix: Some(prefix),
                reserved: Some(split.reserved),
                address: split.address,
                pods: split.pods,
            }
        }
        Split::First(length) => Node {
            prefix: Some(prefix),
            reserved: None,
            address: prefix.network(),
            pods: Cidr::containing(prefix.network(), length).unwrap_or(prefix),
        },
    };
    pool.numbers.take(number);
    Ok(node)
}

fn pair(
    nodes: &mut Pool,
    pods: &mut Pool,
    reserved_below: u128,
    asked: Option<IpAddr>,
) -> Result<Node, CloudError> {
    let limit = CloudError::NodeLimit {
        pods: pods.range,
        most: last(pods.range, pods.piece).saturating_add(1),
    };
    let number = match asked {
        Some(address) => {
            let offset = nodes.range.offset_of(address);
            let offset = offset.ok_or(CloudError::NodeOutsideAllocationPool {
                address,
                nodes: nodes.range,
            })?;
            if offset < reserved_below {
                return Err(CloudError::NodeAddressReserved { address });
            }
            if !nodes.numbers.is_free(offset) {
                return Err(CloudError::NodeAddressInUse { address });
            }
            offset
        }
        None => nodes.numbers.next().ok_or_else(|| limit.clone())?,
    };
    let range = pods.numbers.next();
    let range = range.and_then(|number| Some((number, pods.piece(number)?)));
    let (range, pod_cidr) = range.ok_or_else(|| limit.clone())?;
    let address = nodes.range.nth(number).ok_or(limit)?;
    nodes.numbers.take(number);
    pods.numbers.take(range);
    Ok(Node {
        prefix: None,
        reserved: None,
        address,
        pods: pod_cidr,
    })
}
