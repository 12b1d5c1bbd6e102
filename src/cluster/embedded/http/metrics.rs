//! The few numbers that dashboards and wait loops look for, in the Prometheus text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::{Mutex, PoisonError};

/// What a counted request was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub(crate) code: u16,
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) verb: &'static str,
    pub(crate) version: String,
}

/// Counters of one server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Label, u64>>,
}

impl Metrics {
    /// Counts one answered request.
    pub(crate) fn count(&self, label: Label) {
        *self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(label)
            .or_insert(0) += 1;
    }

    /// Writes everything.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from(
            "# HELP apiserver_request_total Counter of apiserver requests.\n\
             # TYPE apiserver_request_total counter\n",
        );
        for (label, count) in self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            let Label {
                code,
                group,
                resource,
                verb,
                version,
            } = label;
            // Writing to a String cannot fail.
            let _written = writeln!(
                text,
                "apiserver_request_total{{code=\"{code}\",group=\"{group}\",\
                 resource=\"{resource}\",verb=\"{verb}\",version=\"{version}\"}} {count}"
            );
        }
        if let Some(bytes) = resident_bytes() {
            let _written = writeln!(
                text,
                "# HELP process_resident_memory_bytes Resident memory size in bytes.\n\
                 # TYPE process_resident_memory_bytes gauge\n\
                 process_resident_memory_bytes {bytes}"
            );
        }
        text
    }
}

/// The resident memory of this process, where the system tells it in a file.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_label() {
        let metrics = Metrics::default();
        let label = Label {
            code: 200,
            group: String::new(),
            resource: "pods".to_owned(),
            verb: "LIST",
            version: "v1".to_owned(),
        };
        metrics.count(label.clone());
        metrics.count(label);
        let expected = "apiserver_request_total{code=\"200\",group=\"\",resource=\"pods\",\
                        verb=\"LIST\",version=\"v1\"} 2";
        assert!(metrics.render().contains(expected), "{}", metrics.render());
    }
}
