//! Other work on the machine: laptops and CI hosts are seldom idle.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Threads for each processor.
const THREADS: usize = 4;

/// Work on all processors until it is dropped.
pub(crate) struct Load {
    ends: Arc<AtomicBool>,
}

impl Load {
    pub(crate) fn start() -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..processors * THREADS {
            let ends = Arc::clone(&ends);
            thread::spawn(move || {
                while !ends.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self { ends }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}
