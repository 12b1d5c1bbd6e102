//! Bytes on their way, counted where they pass.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Bytes that were handed to a target. Counts into its parent too: an image into its run.
#[derive(Debug, Default)]
pub struct Flow {
    parent: Option<Arc<Self>>,
    passed: AtomicU64,
    wasted: AtomicU64,
}

impl Flow {
    /// A part of `parent`.
    pub fn within(parent: &Arc<Self>) -> Self {
        Self {
            parent: Some(Arc::clone(parent)),
            ..Self::default()
        }
    }

    /// Bytes handed to the target so far, whatever came of them.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Those of them that have to be, or had to be, handed over again.
    pub fn wasted(&self) -> u64 {
        self.wasted.load(Ordering::Relaxed)
    }

    pub(in crate::mirror) fn pass(&self, bytes: u64) {
        self.passed.fetch_add(bytes, Ordering::Relaxed);
        if let Some(parent) = &self.parent {
            parent.pass(bytes);
        }
    }

    pub(in crate::mirror) fn waste(&self, bytes: u64) {
        self.wasted.fetch_add(bytes, Ordering::Relaxed);
        if let Some(parent) = &self.parent {
            parent.waste(bytes);
        }
    }
}
