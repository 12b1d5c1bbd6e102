//! What an engine is made with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

use super::admission::Admission;

/// Settings of one engine; nothing in here is shared between engines.
#[derive(Clone, Default)]
pub struct EngineOptions {
    /// Ranges for Service cluster addresses, at most one per family; the first is the default family.
    pub service_cidrs: Vec<IpNet>,
    /// In-process admission, called in this order.
    pub admission: Vec<Arc<dyn Admission>>,
    /// File of the append log; `None` keeps everything in memory only.
    pub log: Option<PathBuf>,
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineOptions")
            .field("service_cidrs", &self.service_cidrs)
            .field("admission", &self.admission.len())
            .field("log", &self.log)
            .finish()
    }
}
