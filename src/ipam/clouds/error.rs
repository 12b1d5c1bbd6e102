//! Why ranges cannot be assigned.

use std::net::IpAddr;

use thiserror::Error;

use super::invariants::Violation;
use crate::net::Cidr;

/// A request that the cloud, Kubernetes or arithmetic refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CloudError {
    /// A template is a prefix without host bits.
    #[error("template `{text}` is no canonical IPv6 prefix: {why}")]
    TemplateNotCanonical {
        /// What was written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// Pods get a part of a host's prefix.
    #[error("template {template} must be longer than the host prefix {prefix}")]
    TemplateNotLonger {
        /// The template.
        template: Cidr,
        /// The host prefix.
        prefix: Cidr,
    },
    /// A template must not say anything about the host prefix itself.
    #[error("template {template} has bits set within the host prefix {prefix}")]
    TemplateOutOfPrefix {
        /// The template.
        template: Cidr,
        /// The host prefix.
        prefix: Cidr,
    },
    /// The reserved part is a part.
    #[error("the reserved /{reserve} is larger than the host prefix {prefix}")]
    ReserveLargerThanPrefix {
        /// The length of the reserved part.
        reserve: u8,
        /// The host prefix.
        prefix: Cidr,
    },
    /// Pods would get addresses that the host keeps.
    #[error("pods {pods} overlap the reserved part {reserved} of the host prefix")]
    TemplateInReserved {
        /// The pod range.
        pods: Cidr,
        /// The reserved part.
        reserved: Cidr,
    },
    /// An offset that leads out of the reserved part.
    #[error("a node at offset {offset} is outside the reserved part {reserved}")]
    OffsetOutsideReserved {
        /// The offset.
        offset: u128,
        /// The reserved part.
        reserved: Cidr,
    },
    /// A VPC of a size that AWS does not have.
    #[error("VPC {vpc} has a size that AWS does not give: {allowed}")]
    AwsVpcSize {
        /// The range.
        vpc: Cidr,
        /// What it gives.
        allowed: String,
    },
    /// Every zone needs subnets.
    #[error("VPC {vpc} has subnets for {most} zones, not for {zones}")]
    AwsTooManyZones {
        /// The range.
        vpc: Cidr,
        /// How many zones were asked for.
        zones: usize,
        /// How many fit.
        most: usize,
    },
    /// A zone that there is not.
    #[error("there is no zone number {zone}")]
    ZoneUnknown {
        /// Its number, counted from 0.
        zone: usize,
    },
    /// No prefix is left for another host.
    #[error("no /{length} is left for another node in {pool}")]
    HostPrefixesExhausted {
        /// The pool.
        pool: Cidr,
        /// The length of a host's prefix.
        length: u8,
    },
    /// GCP has subnets of one size.
    #[error("subnet {subnet} must be a /{length}")]
    GcpSubnetSize {
        /// The subnet.
        subnet: Cidr,
        /// The only length.
        length: u8,
    },
    /// Services need a subnet of their own.
    #[error("services need a second subnet; none is given")]
    GcpServiceSubnetMissing,
    /// Two roles share addresses.
    #[error("{first} {first_cidr} and {second} {second_cidr} overlap")]
    RoleOverlap {
        /// The first role.
        first: &'static str,
        /// Its range.
        first_cidr: Cidr,
        /// The second role.
        second: &'static str,
        /// Its range.
        second_cidr: Cidr,
    },
    /// Three subnets do not fit.
    #[error("VNet {vnet} must be a /{longest} or shorter: three /64 subnets are needed")]
    AzureVnetTooSmall {
        /// The range.
        vnet: Cidr,
        /// The longest prefix that is enough.
        longest: u8,
    },
    /// `fc00::/8` is defined by no standard (RFC 4193, section 3.2).
    #[error("{cidr} lies in fc00::/8, which no standard defines; use a prefix out of fd00::/8")]
    UlaLBit {
        /// The range.
        cidr: Cidr,
    },
    /// A subnet pool has no room for another subnet.
    #[error("subnet pool {pool} has no /{length} left")]
    OpenStackPoolExhausted {
        /// The pool.
        pool: Cidr,
        /// The length of the subnet.
        length: u8,
    },
    /// A subnet of a size that cannot be split.
    #[error("subnet {subnet} must be a /{length}")]
    OpenStackSubnetSize {
        /// The subnet.
        subnet: Cidr,
        /// The only length.
        length: u8,
    },
    /// SLAAC spreads addresses over the whole subnet, into the part of the pods.
    #[error("a subnet that is split needs the address mode dhcpv6-stateful, not {mode}")]
    OpenStackSplitNeedsStatefulDhcp {
        /// The mode.
        mode: String,
    },
    /// Routers have that many routes.
    #[error("{routes} nodes need as many routes, and the router has {quota}")]
    OpenStackRouteQuota {
        /// How many are needed.
        routes: usize,
        /// How many there may be.
        quota: usize,
    },
    /// The address belongs to the network itself.
    #[error("node address {address} is reserved for the network or its router")]
    NodeAddressReserved {
        /// The address.
        address: IpAddr,
    },
    /// The address is not among those of nodes.
    #[error("node address {address} is outside the allocation pool of {nodes}")]
    NodeOutsideAllocationPool {
        /// The address.
        address: IpAddr,
        /// The node range.
        nodes: Cidr,
    },
    /// Two nodes of one address.
    #[error("node address {address} is in use already")]
    NodeAddressInUse {
        /// The address.
        address: IpAddr,
    },
    /// No addresses or pod ranges are left for another node.
    #[error("{pods} has pod ranges for {most} nodes only")]
    NodeLimit {
        /// The pod range.
        pods: Cidr,
        /// How many nodes there can be.
        most: u128,
    },
    /// The local pools have ranges for so many Shoots.
    #[error("the local pools have ranges for {most} Shoots, number {index} is behind them")]
    LocalPoolExhausted {
        /// The number of the Shoot, counted from 0.
        index: u32,
        /// How many there can be.
        most: u32,
    },
    /// A local Shoot has so many nodes.
    #[error("a local Shoot has {most} nodes at most")]
    LocalNodeLimit {
        /// How many.
        most: usize,
    },
    /// The API server takes 20 host bits, unless both feature gates are on.
    #[error(
        "services {services} is too large: kube-apiserver takes /{longest} or longer before Kubernetes 1.34"
    )]
    ServiceRangeTooLarge {
        /// The range.
        services: Cidr,
        /// The shortest prefix.
        longest: u8,
    },
    /// The DNS service has the tenth address.
    #[error(
        "services {services} is too small: the cluster's DNS service has the address at offset 10"
    )]
    ServiceRangeTooSmall {
        /// The range.
        services: Cidr,
    },
    /// Node ranges are parts of the cluster's.
    #[error("a node mask of /{mask} is shorter than the cluster range {cluster}")]
    NodeMaskShorter {
        /// The cluster range.
        cluster: Cidr,
        /// The node mask.
        mask: u8,
    },
    /// The node controller numbers 2^16 ranges.
    #[error("a node mask of /{mask} is more than 16 bits longer than the cluster range {cluster}")]
    NodeMaskDiff {
        /// The cluster range.
        cluster: Cidr,
        /// The node mask.
        mask: u8,
    },
    /// The family has no prefixes of that length.
    #[error("/{mask} is no prefix length of {cluster}'s family")]
    NodeMaskImpossible {
        /// The cluster range.
        cluster: Cidr,
        /// The node mask.
        mask: u8,
    },
    /// What must hold after every event does not.
    #[error("address plan is contradictory: {0}")]
    Invariant(Violation),
}

impl CloudError {
    /// The name of the error, for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TemplateNotCanonical { .. } => "TEMPLATE_NOT_CANONICAL",
            Self::TemplateNotLonger { .. } => "TEMPLATE_NOT_LONGER",
            Self::TemplateOutOfPrefix { .. } => "TEMPLATE_OUT_OF_PREFIX",
            Self::ReserveLargerThanPrefix { .. } => "RESERVE_LARGER_THAN_PREFIX",
            Self::TemplateInReserved { .. } => "TEMPLATE_IN_RESERVED",
            Self::OffsetOutsideReserved { .. } => "OFFSET_OUTSIDE_RESERVED",
            Self::AwsVpcSize { .. } => "AWS_VPC_SIZE",
            Self::AwsTooManyZones { .. } => "AWS_TOO_MANY_ZONES",
            Self::ZoneUnknown { .. } => "ZONE_UNKNOWN",
            Self::HostPrefixesExhausted { .. } => "HOST_PREFIXES_EXHAUSTED",
            Self::GcpSubnetSize { .. } => "GCP_SUBNET_SIZE",
            Self::GcpServiceSubnetMissing => "GCP_SERVICE_SUBNET_MISSING",
            Self::RoleOverlap { .. } => "ROLE_OVERLAP",
            Self::AzureVnetTooSmall { .. } => "AZURE_VNET_TOO_SMALL",
            Self::UlaLBit { .. } => "ULA_L_BIT",
            Self::OpenStackPoolExhausted { .. } => "OPENSTACK_POOL_EXHAUSTED",
            Self::OpenStackSubnetSize { .. } => "OPENSTACK_SUBNET_SIZE",
            Self::OpenStackSplitNeedsStatefulDhcp { .. } => "OPENSTACK_SPLIT_NEEDS_STATEFUL_DHCP",
            Self::OpenStackRouteQuota { .. } => "OPENSTACK_ROUTE_QUOTA",
            Self::NodeAddressReserved { .. } => "NODE_ADDRESS_RESERVED",
            Self::NodeOutsideAllocationPool { .. } => "NODE_OUTSIDE_ALLOCATION_POOL",
            Self::NodeAddressInUse { .. } => "NODE_ADDRESS_IN_USE",
            Self::NodeLimit { .. } => "NODE_LIMIT",
            Self::LocalPoolExhausted { .. } => "LOCAL_POOL_EXHAUSTED",
            Self::LocalNodeLimit { .. } => "LOCAL_NODE_LIMIT",
            Self::ServiceRangeTooLarge { .. } => "SERVICE_RANGE_TOO_LARGE",
            Self::ServiceRangeTooSmall { .. } => "SERVICE_RANGE_TOO_SMALL",
            Self::NodeMaskShorter { .. } => "NODE_MASK_SHORTER",
            Self::NodeMaskDiff { .. } => "NODE_MASK_DIFF",
            Self::NodeMaskImpossible { .. } => "NODE_MASK_IMPOSSIBLE",
            Self::Invariant(_) => "INVARIANT",
        }
    }

    /// Whether something ran out that may come back, as opposed to a request that cannot work.
    pub const fn is_exhaustion(&self) -> bool {
        matches!(
            self,
            Self::OpenStackPoolExhausted { .. }
                | Self::HostPrefixesExhausted { .. }
                | Self::OpenStackRouteQuota { .. }
                | Self::NodeLimit { .. }
        )
    }
}
