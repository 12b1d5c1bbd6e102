//! Processors and memory of the engine's machine.

use super::{super::prelude::*, BASE, grow};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "cpu-count",
        title: "Processors",
        engine: EngineNeed::Needed,
        reads: "`/info` NCPU",
        rule: "kind: fewer than 2 fail, fewer than 4 warn. Gardener: fewer than 6 fail, fewer than 8 warn",
        why: "several control planes share them; below that, leases expire and everything restarts in a circle",
        remedies: &grow("use a machine with more processors", &[]),
        run: cpus,
        ..BASE
    },
    Check {
        id: "memory-total",
        title: "Memory",
        engine: EngineNeed::Needed,
        reads: "`/info` MemTotal, the planned nodes",
        rule: "kind: less than 2 GiB fails, less than 3.7 GiB and 1 GiB for each node beyond the second warns. Gardener: less than 12 GiB fails, less than 15 GiB warns",
        why: "what the kernel ends for want of memory looks like restarts for no reason",
        remedies: &grow("use a machine with more memory", &[]),
        run: memory,
        ..BASE
    },
];

fn cpus(ask: &Ask<'_>) -> Verdict {
    let (least, good) = if ask.is_gardener() { (6, 8) } else { (2, 4) };
    let count = ask.info()?.ncpu;
    let text = format!("the engine has {count} processors");
    Ok(if count < least {
        fail(text).values(count, good)
    } else if count < good {
        warn(text).values(count, good)
    } else {
        pass(text)
    })
}

/// Memory of a usual cluster of two nodes; a machine of 4 GiB has a little less.
const TWO_NODES: f64 = 3.7;

fn memory(ask: &Ask<'_>) -> Verdict {
    let more = f64::from(ask.plan().nodes.saturating_sub(2));
    let (least, good) = if ask.is_gardener() {
        (12.0, 15.0)
    } else {
        (2.0, TWO_NODES + more)
    };
    let size = ask.info()?.mem_total_gib;
    let text = format!("the engine has {size:.1} GiB of memory");
    let values = (format!("{size:.1} GiB"), format!("{good:.1} GiB"));
    Ok(if size < least {
        fail(text).values(values.0, values.1)
    } else if size < good {
        warn(text).values(values.0, values.1)
    } else {
        pass(text)
    })
}
