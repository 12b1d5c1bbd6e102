//! Services of the init system.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fact, Scalar};

/// States of services by name (`firewalld: active`, `nftables: disabled`), and settings of units
/// that checks read (`docker_nofile`: the hard `LimitNOFILE` of docker.service, or `infinity`).
///
/// `systemctl is-active` answers for all but `nftables`, whose `is-enabled` counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Services(pub BTreeMap<String, Fact<Scalar>>);
