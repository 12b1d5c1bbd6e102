//! What a cloud assigned to a Shoot.

use std::net::IpAddr;

use super::{CloudError, Fleet, invariants, limits};
use crate::net::Cidr;

/// The ranges that are published, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// Of nodes.
    pub nodes: Vec<Cidr>,
    /// Of pods; some clouds publish the same as for nodes.
    pub pods: Vec<Cidr>,
    /// Of services.
    pub services: Vec<Cidr>,
}

impl Ranges {
    /// One range for each role.
    pub fn of(nodes: Cidr, pods: Cidr, services: Cidr) -> Self {
        Self {
            nodes: vec![nodes],
            pods: vec![pods],
            services: vec![services],
        }
    }
}

/// What a Shoot got, and the nodes that use it.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The ranges.
    pub ranges: Ranges,
    /// The nodes.
    pub fleet: Fleet,
    /// The version whose limits hold.
    pub kubernetes: limits::Kubernetes,
}

impl Resolution {
    /// Puts both together; refused where something contradicts something.
    pub(super) fn new(
        ranges: Ranges,
        fleet: Fleet,
        kubernetes: limits::Kubernetes,
    ) -> Result<Self, CloudError> {
        for services in &ranges.services {
            limits::services(*services, kubernetes)?;
        }
        let resolution = Self {
            ranges,
            fleet,
            kubernetes,
        };
        resolution.check()?;
        Ok(resolution)
    }

    /// Whether everything still holds that must hold after every event.
    pub fn check(&self) -> Result<(), CloudError> {
        invariants::check(self).map_err(CloudError::Invariant)
    }

    /// The addresses of the API server and the DNS service in the first service range.
    pub fn well_known(&self) -> Option<(IpAddr, IpAddr)> {
        let services = self.ranges.services.first()?;
        limits::services(*services, self.kubernetes).ok()
    }
}
