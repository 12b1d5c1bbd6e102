//! The kernel settings of the Shoot's machines.

use std::collections::BTreeMap;

use super::{CONTROL_PLANE_NAMESPACE, LOCAL};
use crate::{
    api::extensions::{OperatingSystemConfig, OperatingSystemConfigSpec},
    generate::{GenerateError, stream::stream, sysctls},
};

const COMMENT: &str =
    "The kernel settings of machines. Forwarding of both families is on whatever the families
of the Shoot are, so that it can change them without touching its machines.";

/// The operating system of the Shoot's machines as a manifest.
pub fn operating_system() -> Result<String, GenerateError> {
    let spec = OperatingSystemConfigSpec {
        type_: LOCAL.to_owned(),
        purpose: "reconcile".to_owned(),
        files: vec![sysctls::file(&BTreeMap::new())],
        ..OperatingSystemConfigSpec::default()
    };
    let mut object = OperatingSystemConfig::new("gardener-node-agent-local-original", spec);
    object.metadata.namespace = Some(CONTROL_PLANE_NAMESPACE.to_owned());
    stream("operating system", COMMENT, &[object])
}
