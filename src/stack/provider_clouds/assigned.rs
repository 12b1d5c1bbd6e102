//! What a cloud assigned to a Shoot, in the form in which it is remembered.

use serde::{Deserialize, Serialize};

use super::config::{InfrastructureConfig, Ipv6Config};
use crate::{
    ipam::clouds::{
        CloudError, Resolution, Template, aws, azure, gcp,
        limits::Kubernetes,
        openstack::{self, AddressMode},
    },
    net::Cidr,
    stack::error::ReconcileError,
};

/// Everything that the ranges of a Shoot follow from. Kept in the status of its Infrastructure, so
/// that nothing has to be asked for twice, and handed to its Worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assigned {
    /// What the cloud handed out, in order.
    pub(super) blocks: Vec<Cidr>,
    /// The version of Kubernetes at that time: published ranges never change.
    kubernetes: Kubernetes,
    #[serde(flatten)]
    provider: Provider,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "provider")]
enum Provider {
    #[serde(rename_all = "camelCase")]
    Aws {
        own: bool,
        zones: usize,
        template: Option<String>,
        node_offset: u8,
    },
    #[serde(rename_all = "camelCase")]
    Gcp {
        dummy_node: bool,
        shipped: bool,
        template: Option<String>,
        node_offset: u8,
    },
    Azure,
    #[serde(rename_all = "camelCase")]
    OpenStack {
        shipped: bool,
        address_mode: Option<String>,
        route_quota: Option<usize>,
    },
}

/// What to ask a cloud for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The length of each block.
    pub(super) length: u8,
    /// How many.
    pub(super) count: usize,
}

impl Provider {
    fn of(type_: &str, config: &InfrastructureConfig, zones: usize) -> Option<Self> {
        let ipv6 = config.ipv6.clone();
        Some(match type_ {
            "aws" => Self::Aws {
                own: ipv6.own,
                zones,
                template: ipv6.template,
                node_offset: ipv6.node_offset,
            },
            "gcp" => Self::Gcp {
                dummy_node: ipv6.dummy_node,
                shipped: ipv6.shipped,
                template: ipv6.template,
                node_offset: ipv6.node_offset,
            },
            "azure" => Self::Azure,
            "openstack" => Self::OpenStack {
                shipped: ipv6.shipped,
                address_mode: ipv6.address_mode,
                route_quota: ipv6.route_quota,
            },
            _ => return None,
        })
    }
}

/// What a provider hands out of its own pools; Azure has none.
pub(super) fn wanted(type_: &str, config: &Ipv6Config) -> Option<Wanted> {
    let (length, count) = match type_ {
        "aws" => (56, 1),
        "gcp" => (64, if config.dummy_node { 1 } else { 2 }),
        "openstack" => (64, if config.shipped { 3 } else { 1 }),
        _ => return None,
    };
    Some(Wanted { length, count })
}

fn template(text: Option<&str>, offset: u8) -> Result<Template, CloudError> {
    let mut template = text.map_or_else(|| Ok(Template::default()), Template::with_pods)?;
    template.offset = offset.into();
    Ok(template)
}

impl Assigned {
    /// What follows from the blocks that were handed out.
    pub(super) fn new(
        type_: &str,
        config: &InfrastructureConfig,
        zones: usize,
        blocks: Vec<Cidr>,
        kubernetes: Kubernetes,
    ) -> Result<Self, ReconcileError> {
        if let Some(word) = &config.ipv6.address_mode {
            word.parse::<AddressMode>().map_err(|error| {
                ReconcileError::configuration(format!(
                    "infrastructureConfig.ipv6.addressMode: {error}"
                ))
            })?;
        }
        let provider = Provider::of(type_, config, zones).ok_or_else(|| {
            ReconcileError::configuration(format!("there is no simulated cloud `{type_}`"))
        })?;
        Ok(Self {
            blocks,
            kubernetes,
            provider,
        })
    }

    /// The ranges, and a fleet without nodes.
    pub(super) fn resolve(&self) -> Result<Resolution, ReconcileError> {
        self.resolution().map_err(|error| cloud_error(&error))
    }

    fn resolution(&self) -> Result<Resolution, CloudError> {
        let first = self.blocks.first().copied();
        let first = first.expect("a cloud hands out one block at least");
        let kubernetes = self.kubernetes;
        match &self.provider {
            Provider::Aws {
                own,
                zones,
                template: text,
                node_offset,
            } => {
                let request = aws::Request {
                    vpc: first,
                    source: if *own {
                        aws::Source::Own
                    } else {
                        aws::Source::Amazon
                    },
                    zones: *zones,
                    template: template(text.as_deref(), *node_offset)?,
                };
                aws::resolve(&request, kubernetes)
            }
            Provider::Gcp {
                dummy_node,
                shipped,
                template: text,
                node_offset,
            } => {
                let request = gcp::Request {
                    subnet: first,
                    services: self.blocks.get(1).copied(),
                    strategy: if *dummy_node {
                        gcp::Services::DummyNode
                    } else {
                        gcp::Services::Subnet
                    },
                    profile: if *shipped {
                        gcp::Profile::Shipped
                    } else {
                        gcp::Profile::Draft
                    },
                    template: template(text.as_deref(), *node_offset)?,
                };
                gcp::resolve(&request, kubernetes)
            }
            Provider::Azure => {
                let (resolution, warnings) =
                    azure::resolve(&azure::Request { vnet: first }, kubernetes)?;
                for warning in warnings {
                    tracing::debug!(code = warning.code(), vnet = %first, "not advised");
                }
                Ok(resolution)
            }
            Provider::OpenStack { .. } => Ok(self.openstack()?.resolution),
        }
    }

    /// What a Shoot on `OpenStack` gets.
    fn openstack(&self) -> Result<openstack::Assignment, CloudError> {
        let mut request = openstack::Request::default();
        if let Provider::OpenStack {
            shipped,
            address_mode,
            route_quota,
        } = &self.provider
        {
            if *shipped {
                request.mode = openstack::Mode::ThreeSubnets;
            }
            if let Some(word) = address_mode {
                request.address_mode = word.parse().unwrap_or_default();
            }
            request.route_quota = route_quota.unwrap_or(request.route_quota);
        }
        openstack::resolve(&request, &self.blocks, self.kubernetes)
    }

    /// Gateway, allocation pool and the range for node IPAM, on `OpenStack`.
    pub(super) fn subnet(&self) -> Option<openstack::Assignment> {
        match self.provider {
            Provider::OpenStack { .. } => self.openstack().ok(),
            _ => None,
        }
    }
}

/// What ran out may come back; everything else is the Shoot's to mend.
pub(super) fn cloud_error(error: &CloudError) -> ReconcileError {
    let description = format!("{error} ({})", error.code());
    if error.is_exhaustion() {
        ReconcileError::depleted(description)
    } else {
        ReconcileError::configuration(description)
    }
}
