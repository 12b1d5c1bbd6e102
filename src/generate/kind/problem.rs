//! What is wrong with a kind document.

use std::fmt;

/// The sort of a problem; [`ProblemKind::key`] is the short name used in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A key the schema does not have.
    UnknownField,
    /// A value of the wrong type.
    WrongType,
    /// A mount propagation kind does not know.
    Propagation,
    /// A transport protocol kind does not know.
    Protocol,
    /// The name of the cluster.
    Name,
    /// The host port of the API server.
    ApiPort,
    /// The family of the cluster.
    IpFamily,
    /// The pod ranges.
    PodSubnet,
    /// The Service ranges.
    ServiceSubnet,
    /// The mode of kube-proxy.
    ProxyMode,
    /// The role of a node.
    Role,
    /// No node is a control plane.
    NoControlPlane,
    /// A host port outside -1..65535.
    HostPort,
    /// A container port outside -1..65535.
    ContainerPort,
    /// Two mappings of one node that cannot both be bound.
    PortClash,
    /// A listen address that is not a plain address.
    ListenAddress,
}

impl ProblemKind {
    /// The short name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown-field",
            Self::WrongType => "wrong-type",
            Self::Propagation => "propagation",
            Self::Protocol => "protocol",
            Self::Name => "name",
            Self::ApiPort => "api-port",
            Self::IpFamily => "ip-family",
            Self::PodSubnet => "pod-subnet",
            Self::ServiceSubnet => "service-subnet",
            Self::ProxyMode => "proxy-mode",
            Self::Role => "role",
            Self::NoControlPlane => "no-control-plane",
            Self::HostPort => "host-port",
            Self::ContainerPort => "container-port",
            Self::PortClash => "port-clash",
            Self::ListenAddress => "listen-address",
        }
    }
}

/// One problem: sort, place and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The sort.
    pub kind: ProblemKind,
    /// The field, as a path from the root of the document.
    pub field: String,
    /// Why it is refused.
    pub detail: String,
}

impl Problem {
    /// A problem of `kind` at `field`.
    pub fn new(kind: ProblemKind, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            field: field.into(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            formatter.write_str(&self.detail)
        } else {
            write!(formatter, "{}: {}", self.field, self.detail)
        }
    }
}
