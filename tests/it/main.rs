//! The one integration binary: every behaviour that needs more than one module.

mod apiserver_vectors;
mod architecture;
mod calico;
mod crds;
mod doctor;
mod doctor_command;
mod embedded_surface;
mod generate;
mod https;
mod images;
mod ipam;
mod kube_rs;
mod kubectl;
mod manifests;
mod mirror;
mod properties;
#[path = "../reference/mod.rs"]
mod reference;
mod registry_client;
mod stack;
mod vectors;
