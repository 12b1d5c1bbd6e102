//! A prefix that is managed: a root or a child.

use serde::{Deserialize, Serialize};

use super::{
    addresses::{Addresses, Usable},
    block::Block,
    blocks::Blocks,
};
use crate::net::{Cidr, IpFamily};

/// Which addresses of a prefix are never handed out. Children have what their parent has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reserve {
    /// The network address (in IPv6 the subnet-router anycast address, RFC 4291), and in IPv4 the
    /// broadcast address.
    #[default]
    Ends,
    /// None: for routed pools and point-to-point links (RFC 3021, RFC 6164).
    Nothing,
}

/// One managed prefix.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    pub(super) len: u8,
    pub(super) reserve: Reserve,
    pub(super) content: Content,
}

/// What a prefix is used for. Children and addresses exclude each other.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Nothing.
    Unused,
    /// It holds addresses, at least one.
    Addresses(Box<Addresses>),
    /// It has children, at least one.
    Children(Box<Blocks>),
}

impl Prefix {
    pub(super) const fn new(len: u8, reserve: Reserve) -> Self {
        Self {
            len,
            reserve,
            content: Content::Unused,
        }
    }

    pub(super) fn usable(&self, family: IpFamily) -> Usable {
        Usable::of(family, self.len, self.reserve)
    }

    /// How many addresses are held.
    pub(super) fn held(&self) -> u128 {
        match &self.content {
            Content::Addresses(addresses) => addresses.held,
            Content::Unused | Content::Children(_) => 0,
        }
    }

    /// How many children there are.
    pub(super) fn children(&self) -> usize {
        match &self.content {
            Content::Children(blocks) => blocks.children.len(),
            Content::Unused | Content::Addresses(_) => 0,
        }
    }

    /// The maximal free blocks, in the order of their addresses.
    pub(super) fn free(&self, whole: Block) -> Vec<Block> {
        match &self.content {
            Content::Children(blocks) => {
                let mut free: Vec<Block> = blocks.free().collect();
                free.sort_unstable_by_key(|block| block.base);
                free
            }
            Content::Unused | Content::Addresses(_) => vec![whole],
        }
    }
}

/// What is known about one prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixView {
    /// The prefix.
    pub cidr: Cidr,
    /// The prefix that it was taken from; none for a root.
    pub parent: Option<Cidr>,
    /// Which of its addresses are never handed out.
    pub reserve: Reserve,
}
