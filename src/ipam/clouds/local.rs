//! The local environment: a set of ranges for every Shoot, cut from those of Gardener's own set-up.

use super::{CloudError, Fleet, Ranges, Resolution, limits};
use crate::net::Cidr;

/// How many Shoots there can be: the first node range belongs to the Seed's own pods.
const SHOOTS: u32 = 255;
/// How many nodes a Shoot can have.
const NODES: usize = 256;
const NODES_OF_ALL: &str = "fd00:10:1::/48";
const PODS_OF_ALL: &str = "fd00:10:3::/48";
const SERVICES_OF_ALL: &str = "fd00:10:4::/64";
const ROLE: u8 = 56;
const SERVICES: u8 = 112;
const NODE_PODS: u8 = 64;

fn piece(of: &str, length: u8, number: u32) -> Cidr {
    let all: Cidr = of.parse().expect("the constants are canonical");
    let number = usize::try_from(number).expect("numbers of Shoots are small");
    let mut pieces = all.subnets(length);
    pieces.nth(number).expect("there are 256 pieces of each")
}

/// The ranges of the Shoot with this number. Number 0 has those that the documents show.
pub fn resolve(index: u32, kubernetes: limits::Kubernetes) -> Result<Resolution, CloudError> {
    if index >= SHOOTS {
        return Err(CloudError::LocalPoolExhausted {
            index,
            most: SHOOTS,
        });
    }
    let nodes = piece(NODES_OF_ALL, ROLE, index + 1);
    let pods = piece(PODS_OF_ALL, ROLE, index);
    let services = piece(SERVICES_OF_ALL, SERVICES, index);
    let fleet = Fleet::with_ranges((nodes, 1), (pods, NODE_PODS), None);
    Resolution::new(Ranges::of(nodes, pods, services), fleet, kubernetes)
}

/// The error of one node too many in its own words.
pub fn node_error(error: CloudError) -> CloudError {
    match error {
        CloudError::NodeLimit { .. } => CloudError::LocalNodeLimit { most: NODES },
        other => other,
    }
}
