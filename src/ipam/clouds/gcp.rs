//! Google Cloud: /64 subnets, and a /96 on the interface of every node.

use super::{
    CloudError, Fleet, Ranges, Resolution, Template, fleet::Split, limits, vendor::VENDORS,
};
use crate::net::Cidr;

/// Where services are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Services {
    /// From a subnet of their own.
    #[default]
    Subnet,
    /// From a host prefix that no node uses.
    DummyNode,
}

/// Which pods a node has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// As the draft says: by a template, clear of the node's own address.
    #[default]
    Draft,
    /// As shipped: the first /112 of the node's /96, its own address included.
    Shipped,
}

/// What a Shoot is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The subnet of the nodes.
    pub subnet: Cidr,
    /// The subnet of the services, if there is one.
    pub services: Option<Cidr>,
    /// Where services are from.
    pub strategy: Services,
    /// Which pods a node has.
    pub profile: Profile,
    /// What hosts do with their prefixes.
    pub template: Template,
}

/// What a Shoot gets.
pub fn resolve(
    request: &Request,
    kubernetes: limits::Kubernetes,
) -> Result<Resolution, CloudError> {
    let limits = &VENDORS.gcp;
    let sized = |subnet: Cidr| {
        if subnet.prefix_len() == limits.subnet {
            Ok(subnet)
        } else {
            Err(CloudError::GcpSubnetSize {
                subnet,
                length: limits.subnet,
            })
        }
    };
    let subnet = sized(request.subnet)?;
    let split = match request.profile {
        Profile::Draft => Split::Template(request.template),
        Profile::Shipped => Split::First(limits.shipped_pods),
    };
    let mut fleet = Fleet::with_host_prefixes([subnet], limits.host_prefix, split);
    let room = match request.strategy {
        Services::Subnet => {
            let services = sized(
                request
                    .services
                    .ok_or(CloudError::GcpServiceSubnetMissing)?,
            )?;
            if services.overlaps(subnet) {
                return Err(CloudError::RoleOverlap {
                    first: "nodes",
                    first_cidr: subnet,
                    second: "services",
                    second_cidr: services,
                });
            }
            services
        }
        Services::DummyNode => {
            let dummy = fleet.hold()?;
            dummy.expect("hosts of this cloud have prefixes")
        }
    };
    let services = room.subnets(limits.services).next();
    let services = services.expect("both are larger than a service range");
    Resolution::new(Ranges::of(subnet, subnet, services), fleet, kubernetes)
}
