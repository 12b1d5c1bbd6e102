//! The one integration binary: every behaviour that needs more than one module.

mod apiserver_vectors;
mod architecture;
mod calico;
mod crds;
mod embedded_surface;
mod generate;
mod https;
mod kube_rs;
mod kubectl;
mod manifests;
mod properties;
mod registry_client;
mod stack;
mod vectors;
