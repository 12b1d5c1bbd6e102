//! Microsoft Azure: a `VNet` of one's own with /64 subnets; no host has a prefix of its own.

use super::{CloudError, Fleet, Ranges, Resolution, limits, vendor::VENDORS};
use crate::net::Cidr;

/// The half of the unique local addresses that no standard defines.
const UNDEFINED_LOCAL: &str = "fc00::/8";
/// The half that everybody may use.
const LOCAL: &str = "fd00::/8";

/// What a Shoot is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The range of the `VNet`.
    pub vnet: Cidr,
}

/// Something that works and is not advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The range is not unique local: egress is translated, so nobody ever sees it.
    NotUla,
}

impl Warning {
    /// The name, for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotUla => "AZURE_NOT_ULA",
        }
    }
}

/// How packets leave: through address translation.
pub const EGRESS: &str = "nat";

fn inside(text: &str, cidr: Cidr) -> bool {
    let range: Cidr = text.parse().expect("the constants are canonical");
    range.contains_cidr(cidr)
}

/// What a Shoot gets: nodes from subnet 0, an /80 of subnet 1 for the pods of each, services from
/// subnet 2.
pub fn resolve(
    request: &Request,
    kubernetes: limits::Kubernetes,
) -> Result<(Resolution, Vec<Warning>), CloudError> {
    let limits = &VENDORS.azure;
    let vnet = request.vnet;
    if inside(UNDEFINED_LOCAL, vnet) {
        return Err(CloudError::UlaLBit { cidr: vnet });
    }
    if vnet.prefix_len() > limits.vnet {
        return Err(CloudError::AzureVnetTooSmall {
            vnet,
            longest: limits.vnet,
        });
    }
    let mut subnets = vnet.subnets(limits.subnet);
    let mut next = || {
        subnets
            .next()
            .expect("four subnets fit into the smallest VNet")
    };
    let (nodes, pods, room) = (next(), next(), next());
    let services = room.subnets(limits.services).next();
    let services = services.expect("a subnet is larger than a service range");
    let fleet = Fleet::with_ranges((nodes, limits.first_node), (pods, limits.node_pods), None);
    let resolution = Resolution::new(Ranges::of(nodes, pods, services), fleet, kubernetes)?;
    let warnings = (!inside(LOCAL, vnet)).then_some(Warning::NotUla);
    Ok((resolution, warnings.into_iter().collect()))
}
