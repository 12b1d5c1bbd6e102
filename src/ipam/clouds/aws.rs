//! Amazon Web Services: a VPC with /64 subnets per zone, and an /80 delegated to every node.

use super::{
    CloudError, Fleet, Ranges, Resolution, Template, fleet::Split, limits, vendor::VENDORS,
};
use crate::net::Cidr;

/// Where the range of a VPC is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The pool of Amazon, which hands out one size.
    #[default]
    Amazon,
    /// Brought along.
    Own,
}

/// What a Shoot is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The range of the VPC.
    pub vpc: Cidr,
    /// Where it is from.
    pub source: Source,
    /// How many zones there are.
    pub zones: usize,
    /// What hosts do with their prefixes.
    pub template: Template,
}

/// The subnets of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Of nodes.
    pub workers: Cidr,
    /// Of internal load balancers.
    pub internal: Cidr,
    /// Of public load balancers and gateways.
    pub public: Cidr,
}

/// The subnets of all zones: number 3z is of the nodes of zone z, the next two are internal and
/// public.
pub fn zones(request: &Request) -> Result<Vec<Zone>, CloudError> {
    let limits = &VENDORS.aws;
    let vpc = request.vpc;
    let length = vpc.prefix_len();
    let allowed = match request.source {
        Source::Amazon => (length != limits.amazon_vpc)
            .then(|| format!("its pool hands out /{} only", limits.amazon_vpc)),
        Source::Own => {
            let fits = limits.own_vpcs.contains(&length);
            (!fits).then(|| "own ranges are /44 to /60 in steps of four".to_owned())
        }
    };
    if let Some(allowed) = allowed {
        return Err(CloudError::AwsVpcSize { vpc, allowed });
    }
    let most = (1_usize << (limits.subnet - length)) / limits.subnets_per_zone;
    if request.zones > most {
        return Err(CloudError::AwsTooManyZones {
            vpc,
            zones: request.zones,
            most,
        });
    }
    let mut subnets = vpc.subnets(limits.subnet);
    let mut next = || subnets.next().expect("they were counted above");
    Ok((0..request.zones)
        .map(|_| Zone {
            workers: next(),
            internal: next(),
            public: next(),
        })
        .collect())
}

/// What a Shoot gets. Nodes and pods both publish the VPC: every host has its part of it.
/// Services are the second /108 of the first worker subnet, in the /80 that is never delegated.
pub fn resolve(
    request: &Request,
    kubernetes: limits::Kubernetes,
) -> Result<Resolution, CloudError> {
    let zones = zones(request)?;
    let first = zones.first().ok_or(CloudError::ZoneUnknown { zone: 0 })?;
    let limits = &VENDORS.aws;
    let services = first.workers.subnets(limits.services).nth(1);
    let services = services.expect("a subnet is larger than two service ranges");
    let fleet = Fleet::with_host_prefixes(
        zones.iter().map(|zone| zone.workers),
        limits.host_prefix,
        Split::Template(request.template),
    );
    let ranges = Ranges::of(request.vpc, request.vpc, services);
    Resolution::new(ranges, fleet, kubernetes)
}
