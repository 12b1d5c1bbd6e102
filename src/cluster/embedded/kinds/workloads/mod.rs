//! Pods and the kinds that make pods: stored with upstream's defaults, run by nobody here.

pub(super) mod daemonset;
pub(super) mod deployment;
pub(super) mod job;
pub(super) mod pod;
mod pod_defaults;
pub(super) mod replicaset;
mod selector;
pub(super) mod statefulset;
