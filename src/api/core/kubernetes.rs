//! Settings of the Kubernetes components of a Shoot, as far as networks depend on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::unmodelled::Unmodelled;

/// Settings of the Kubernetes components of a Shoot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kubernetes {
    /// The Kubernetes version; the default is the newest supported one of the cloud profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Settings of the controller manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kube_controller_manager: Option<KubeControllerManager>,
    /// Settings of the kubelets of all pools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<Kubelet>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// Settings of the kube-controller-manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeControllerManager {
    /// The prefix length of the pod range of a node; with dual-stack, of its IPv4 range. From 16 to
    /// 28 for IPv4, and long enough for the pods that a kubelet may run. The default leaves twice
    /// as many addresses as pods (24 for 110 pods), and is 64 for IPv6. Immutable.
    #[serde(
        default,
        rename = "nodeCIDRMaskSize",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = 128))]
    pub node_cidr_mask_size: Option<i32>,
    /// The prefix length of the IPv6 pod range of a node, from 64 to 124. The default with
    /// dual-stack is 64. Can be added later, and is immutable then.
    #[serde(
        default,
        rename = "nodeCIDRMaskSizeIPv6",
        skip_serializing_if = "Option::is_none"
    )]
    pub node_cidr_mask_size_ipv6: Option<i32>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// Settings of a kubelet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kubelet {
    /// The number of pods a node may run; 110 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_pods: Option<i32>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// What a worker pool sets differently from its Shoot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerKubernetes {
    /// The version of this pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The kubelet settings of this pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<Kubelet>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
