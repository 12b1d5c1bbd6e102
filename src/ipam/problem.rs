//! What is wrong with an address plan, who says so, and what would be right.

use thiserror::Error;

use super::Purpose;
use crate::net::{Cidr, Families, IpFamily, SpecialUse};

/// A demand that a plan does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanProblem {
    /// A prefix of a family that is not in use.
    #[error("{purpose} prefix {cidr} is {found}, but the environment is {families}")]
    FamilyNotUsed {
        /// What the prefix is for.
        purpose: Purpose,
        /// The prefix.
        cidr: Cidr,
        /// Its family.
        found: IpFamily,
        /// The families in use.
        families: Families,
    },
    /// Two ranges share addresses.
    #[error("{first} {first_cidr} and {second} {second_cidr} overlap")]
    Overlap {
        /// What the first range is for.
        first: Purpose,
        /// The first range.
        first_cidr: Cidr,
        /// What the second range is for.
        second: Purpose,
        /// The second range.
        second_cidr: Cidr,
    },
    /// kube-apiserver and kubeadm take at most 20 host bits.
    #[error("services {cidr} is too large: kube-apiserver takes /{longest} or longer")]
    ServicesTooLarge {
        /// The range.
        cidr: Cidr,
        /// The shortest prefix length that is allowed.
        longest: u8,
    },
    /// kubeadm wants at least ten service addresses.
    #[error("services {cidr} is too small: kubeadm needs at least 10 addresses (/{shortest})")]
    ServicesTooSmall {
        /// The range.
        cidr: Cidr,
        /// The longest prefix length that is allowed.
        shortest: u8,
    },
    /// Node IPAM numbers at most 2^16 node ranges and needs the node range inside the pods.
    #[error(
        "pods {cidr} cannot be cut into /{mask} per node: the node mask must be 0 to 16 bits longer than the range"
    )]
    NodeMask {
        /// The pod range.
        cidr: Cidr,
        /// The node mask.
        mask: u8,
    },
    /// A range that means something else everywhere.
    #[error("{purpose} {cidr} touches {special} addresses, which cannot be used for it")]
    SpecialUse {
        /// What the range is for.
        purpose: Purpose,
        /// The range.
        cidr: Cidr,
        /// What the range, or a part of it, means.
        special: SpecialUse,
    },
}

impl PlanProblem {
    /// The short, stable name of the rule.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::FamilyNotUsed { .. } => "family-in-use",
            Self::Overlap { .. } => "ranges-disjoint",
            Self::ServicesTooLarge { .. } | Self::ServicesTooSmall { .. } => "services-size",
            Self::NodeMask { .. } => "node-mask",
            Self::SpecialUse { .. } => "special-use",
        }
    }

    /// Whose rule it is.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::FamilyNotUsed { .. } => "GEP-21: ranges have the families of the environment",
            Self::Overlap { .. } => "Kubernetes routing: an address belongs to one range",
            Self::ServicesTooLarge { .. } => {
                "kube-apiserver --service-cluster-ip-range: at most 20 host bits"
            }
            Self::ServicesTooSmall { .. } => "kubeadm: serviceSubnet holds at least 10 addresses",
            Self::NodeMask { .. } => {
                "kube-controller-manager --node-cidr-mask-size: at most 2^16 nodes"
            }
            Self::SpecialUse { .. } => "IANA special-purpose address registries",
        }
    }

    /// What the wrong range is for.
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::FamilyNotUsed { purpose, .. } | Self::SpecialUse { purpose, .. } => *purpose,
            // Only one of the two may be the user's to choose.
            Self::Overlap { first, second, .. } if second.is_for_shoots() => *first,
            Self::Overlap { second, .. } => *second,
            Self::ServicesTooLarge { .. } | Self::ServicesTooSmall { .. } => Purpose::Services,
            Self::NodeMask { .. } => Purpose::Pods,
        }
    }

    /// What would be right.
    pub fn fix(&self) -> String {
        match self {
            Self::FamilyNotUsed { families, .. } => {
                format!("leave it out, or choose families other than {families}")
            }
            Self::Overlap {
                second,
                second_cidr,
                ..
            } if second.is_for_shoots() => {
                format!("choose a range outside {second} {second_cidr}")
            }
            Self::Overlap {
                first, first_cidr, ..
            } => format!("choose a range outside {first} {first_cidr}"),
            Self::ServicesTooLarge { cidr, longest } => use_resized(*cidr, *longest),
            Self::ServicesTooSmall { cidr, shortest } => use_resized(*cidr, *shortest),
            // Eight bits are 256 nodes: plenty, and half way between both limits.
            Self::NodeMask { cidr, mask } => use_resized(*cidr, mask.saturating_sub(8)),
            Self::SpecialUse { cidr, .. } => format!(
                "use a private {} range, as in {}",
                cidr.family(),
                match cidr.family() {
                    IpFamily::V4 => "10.0.0.0/8 (RFC 1918)",
                    IpFamily::V6 => "fd00::/8 (RFC 4193)",
                }
            ),
        }
    }
}

/// The same place with another size.
fn use_resized(cidr: Cidr, prefix_len: u8) -> String {
    match Cidr::containing(cidr.network(), prefix_len) {
        Some(resized) => format!("use {resized}"),
        None => format!("use a prefix of length {prefix_len}"),
    }
}
