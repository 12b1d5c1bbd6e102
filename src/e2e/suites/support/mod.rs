//! What cases share: kinds, manifests computed from the plan, and how refusals look.

mod answer;
mod idle;
mod kinds;
mod objects;
mod pods;
mod refusal;
mod shoots;
mod stand_in;

pub(super) use answer::Answer;
pub(super) use idle::{NOBODY, accepts_dual, accepts_ipv6, idle_seed, idle_shoot, single_stacks};
pub(super) use kinds::{
    CLUSTER, CONFIG_MAP, DEFINITION, DEPLOYMENT, DNS_RECORD, ENDPOINTS, INFRASTRUCTURE, NAMESPACE,
    NETWORK, NETWORK_POLICY, NODE, OPERATING_SYSTEM_CONFIG, POD, SEED, SERVICE, SHOOT, WORKER,
};
pub(super) use objects::{has_no_finalizer, list_of_texts, owned_text, set, text};
pub(super) use pods::{
    call, image_listener, listener, node_names, of_family, pod_ips, stack_image, targets,
};
pub(super) use refusal::Refusal;
pub(super) use shoots::{expected_ranges, family_names, shoot, shoot_families, workerless_shoot};
pub(super) use stand_in::StandIn;
