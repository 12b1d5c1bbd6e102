//! What a range is for, and what can be wrong with the ranges of a Shoot together.

use std::fmt;

use thiserror::Error;

use crate::net::{Cidr, Families};

/// What a range of a Shoot is for. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Pod addresses.
    Pods,
    /// Node addresses.
    Nodes,
    /// Service addresses.
    Services,
}

impl Role {
    /// All roles in the order of reports.
    pub const ALL: [Self; 3] = [Self::Pods, Self::Nodes, Self::Services];

    /// The name of the field of `spec.networking`.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Pods => "pods",
            Self::Nodes => "nodes",
            Self::Services => "services",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field())
    }
}

/// What is wrong with a role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{role}: {kind}")]
pub struct RoleProblem {
    /// The role to blame.
    pub role: Role,
    /// What is wrong with it.
    pub kind: RoleProblemKind,
}

/// The kinds of problems, in the order in which they are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoleProblemKind {
    /// Pods and services must be said.
    #[error("must be set as soon as one of the ranges is a tuple")]
    Missing,
    /// The roles differ in their families.
    #[error("has {found}, but {reference} has {expected}; all ranges need the same families")]
    FamilySet {
        /// The families of this role.
        found: Families,
        /// The role it is compared with.
        reference: Role,
        /// The families of that role.
        expected: Families,
    },
    /// The roles have their families in different orders.
    #[error("has the order {found}, but {reference} has {expected}; the order is the preference")]
    FamilyOrder {
        /// The families of this role.
        found: Families,
        /// The role it is compared with.
        reference: Role,
        /// The families of that role.
        expected: Families,
    },
    /// A range that Gardener keeps for itself.
    #[error("{cidr} must not overlap with the reserved range {reserved}")]
    Reserved {
        /// The range.
        cidr: Cidr,
        /// The reserved one.
        reserved: Cidr,
    },
    /// IPv6 space with a meaning of its own.
    #[error("{cidr} must not overlap with {special}, which is {meaning}")]
    Special {
        /// The range.
        cidr: Cidr,
        /// The special one.
        special: Cidr,
        /// What it is for.
        meaning: &'static str,
    },
    /// Two roles share addresses.
    #[error("{cidr} must not overlap with the {other} {other_cidr}")]
    Overlap {
        /// The range.
        cidr: Cidr,
        /// The role of the other range.
        other: Role,
        /// The other range.
        other_cidr: Cidr,
    },
}

impl RoleProblemKind {
    /// The name of the problem, for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "ROLE_MISSING",
            Self::FamilySet { .. } => "FAMILY_SET_MISMATCH",
            Self::FamilyOrder { .. } => "FAMILY_ORDER_MISMATCH",
            Self::Reserved { .. } => "RESERVED_RANGE",
            Self::Special { .. } => "SPECIAL_RANGE",
            Self::Overlap { .. } => "ROLE_OVERLAP",
        }
    }
}
