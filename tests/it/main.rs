//! The one integration binary: every behaviour that needs more than one module.

mod apiserver_vectors;
mod manifests;
mod vectors;
