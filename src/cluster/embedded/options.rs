//! What an engine is made with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::admission::Admission;
use crate::clock::{Clock, SystemClock};
use crate::net::Cidr;

/// Settings of one engine; nothing in here is shared between engines.
#[derive(Clone)]
pub struct EngineOptions {
    /// Ranges for Service cluster addresses, at most one per family; the first is the default family.
    pub service_cidrs: Vec<Cidr>,
    /// In-process admission, called in this order.
    pub admission: Vec<Arc<dyn Admission>>,
    /// File of the append log; with `None` nothing outlives the engine.
    pub log: Option<PathBuf>,
    /// PEM of the certificate authority that signs the serving certificate, for pods to trust.
    pub root_ca: Option<String>,
    /// Where time stamps come from.
    pub clock: Arc<dyn Clock>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            service_cidrs: Vec::new(),
            admission: Vec::new(),
            log: None,
            root_ca: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineOptions")
            .field("service_cidrs", &self.service_cidrs)
            .field("admission", &self.admission.len())
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
