//! Swap and control groups.

use crate::doctor::{Fact, facts::View, live::source::Source, parse::mounts};

/// Fills in both.
pub(super) fn read(source: &dyn Source, view: &mut View) {
    view.swap = match source.read("/proc/swaps") {
        // A kernel without swap has no such file.
        Fact::Absent => Fact::Known(false),
        other => other.map(|text| mounts::has_swap(&text)),
    };
    view.cgroup2 = match source.read("/sys/fs/cgroup/cgroup.controllers") {
        Fact::Absent => Fact::Known(false),
        other => other.map(|_| true),
    };
}
