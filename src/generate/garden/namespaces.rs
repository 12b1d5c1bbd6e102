//! The namespaces that the other manifests live in.

use std::collections::BTreeMap;

use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::ObjectMeta};

use super::{CONTROL_PLANE_NAMESPACE, GARDEN_NAMESPACE, LOCAL, PROJECT_NAMESPACE};
use crate::generate::{GenerateError, stream::stream};

const ROLE: &str = "gardener.cloud/role";
const PROJECT: &str = "project.gardener.cloud/name";

/// The namespaces as one stream.
pub fn namespaces() -> Result<String, GenerateError> {
    let namespace = |name: &str, labels: &[(&str, &str)]| Namespace {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(
                labels
                    .iter()
                    .map(|&(key, value)| (key.to_owned(), value.to_owned()))
                    .collect::<BTreeMap<_, _>>(),
            ),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    let namespaces = [
        namespace(GARDEN_NAMESPACE, &[(ROLE, "garden")]),
        namespace(PROJECT_NAMESPACE, &[(ROLE, "project"), (PROJECT, LOCAL)]),
        namespace(
            CONTROL_PLANE_NAMESPACE,
            &[(ROLE, "shoot"), (PROJECT, LOCAL)],
        ),
    ];
    stream("namespaces", "Namespaces of the garden.", &namespaces)
}
