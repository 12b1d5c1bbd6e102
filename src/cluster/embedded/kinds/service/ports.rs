//! Node ports: one per port of a `NodePort` or LoadBalancer Service.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// The ports upstream hands out by default.
const RANGE: RangeInclusive<u16> = 30_000..=32_767;

/// The node ports in use.
#[derive(Debug, Default)]
pub(super) struct NodePorts {
    used: BTreeSet<u16>,
}

impl NodePorts {
    pub(super) fn allocate(&mut self) -> Option<u16> {
        let free = RANGE.into_iter().find(|port| !self.used.contains(port))?;
        self.used.insert(free);
        Some(free)
    }

    pub(super) fn take(&mut self, port: u16) -> Result<(), String> {
        if !RANGE.contains(&port) {
            let (first, last) = (RANGE.start(), RANGE.end());
            return Err(format!(
                "provided port is not in the valid range. The range of valid ports is {first}-{last}"
            ));
        }
        if self.used.insert(port) {
            Ok(())
        } else {
            Err("provided port is already allocated".into())
        }
    }

    pub(super) fn release(&mut self, port: u16) {
        self.used.remove(&port);
    }
}
