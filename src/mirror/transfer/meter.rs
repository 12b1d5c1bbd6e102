//! Progress of a run: images, bytes, rate, time left.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, interval};

use super::Size;
use crate::{
    counted::counted,
    mirror::registry::Flow,
    progress::{Progress, Step},
};

const TICK: Duration = Duration::from_millis(200);
/// Part of the newest measurement in the rate.
const WEIGHT: f64 = 0.2;

/// What is watched while it moves.
#[derive(Debug)]
pub(super) struct Meter {
    progress: Progress,
    images: u64,
    done: AtomicU64,
    /// Bytes that have to be moved, as far as known.
    expected: AtomicU64,
    /// All bytes on their way.
    pub(super) flow: Arc<Flow>,
    running: Mutex<BTreeMap<usize, Running>>,
}

#[derive(Debug)]
struct Running {
    step: Step,
    flow: Arc<Flow>,
    expected: u64,
}

impl Meter {
    pub(super) fn new(progress: Progress, images: u64) -> Self {
        Self {
            progress,
            images,
            done: AtomicU64::new(0),
            expected: AtomicU64::new(0),
            flow: Arc::default(),
            running: Mutex::default(),
        }
    }

    /// An image has something to move. An image that is up to date is never heard of.
    pub(super) fn begin(&self, number: usize, title: String, flow: &Arc<Flow>) {
        let running = Running {
            step: self.progress.step(title),
            flow: Arc::clone(flow),
            expected: 0,
        };
        self.lock().insert(number, running);
    }

    /// A blob has to be moved for an image.
    pub(super) fn expect(&self, number: usize, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
        if let Some(running) = self.lock().get_mut(&number) {
            running.expected += bytes;
        }
    }

    /// A blob needs not be moved after all: it was mounted.
    pub(super) fn spare(&self, number: usize, bytes: u64) {
        self.expected.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(running) = self.lock().get_mut(&number) {
            running.expected = running.expected.saturating_sub(bytes);
        }
    }

    /// An image came to its end; without an outcome it failed.
    pub(super) fn end(&self, number: usize, outcome: Option<String>) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let running = self.lock().remove(&number);
        if let (Some(running), Some(outcome)) = (running, outcome) {
            running.step.done(outcome);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, Running>> {
        self.running
            .lock()
            .expect("no panic happens under this lock")
    }

    /// Tells how things are until it is dropped.
    pub(super) async fn tell(&self, total: &Step) {
        let mut ticks = interval(TICK);
        let mut rate = Rate::default();
        let (mut before, mut at) = (0, Instant::now());
        loop {
            let now = ticks.tick().await;
            let passed = self.flow.passed();
            let seconds = now.duration_since(at).as_secs_f64();
            rate.measure(passed - before, seconds);
            (before, at) = (passed, now);
            total.detail(self.line(rate.per_second()));
            for running in self.lock().values() {
                let arrived = running.flow.passed() - running.flow.wasted();
                let text = format!("{} of {}", Size(arrived), Size(running.expected));
                running.step.detail(text);
            }
        }
    }

    fn line(&self, rate: u64) -> String {
        let arrived = self.flow.passed() - self.flow.wasted();
        let expected = self.expected.load(Ordering::Relaxed).max(arrived);
        let done = self.done.load(Ordering::Relaxed);
        let text = format!(
            "{done} of {}, {} of {}",
            counted(self.images, "image", "images"),
            Size(arrived),
            Size(expected)
        );
        if rate > 0 && expected > arrived {
            let left = (expected - arrived).div_ceil(rate);
            return format!("{text}, {}/s, {} left", Size(rate), duration(left));
        }
        text
    }
}

/// A rate that does not jump.
#[derive(Debug, Default)]
struct Rate(Option<f64>);

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no last digit")]
    fn measure(&mut self, bytes: u64, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        let now = bytes as f64 / seconds;
        self.0 = Some(self.0.map_or(now, |old| old + WEIGHT * (now - old)));
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and no last digit matters"
    )]
    fn per_second(&self) -> u64 {
        self.0.unwrap_or_default() as u64
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_images_bytes_rate_and_time_left() {
        let meter = Meter::new(Progress::silent(), 44);
        let flow = Arc::new(Flow::within(&meter.flow));
        meter.begin(0, "alpine".to_owned(), &flow);
        meter.expect(0, 10 << 20);
        flow.pass(4 << 20);
        flow.waste(1 << 20);
        assert_eq!(
            meter.line(1 << 20),
            "0 of 44 images, 3.0 MiB of 10.0 MiB, 1.0 MiB/s, 7 s left"
        );
        meter.spare(0, 7 << 20);
        meter.end(0, Some("copied".to_owned()));
        assert_eq!(meter.line(1 << 20), "1 of 44 images, 3.0 MiB of 3.0 MiB");
    }

    #[test]
    fn a_rate_moves_towards_what_is_measured() {
        let mut rate = Rate::default();
        rate.measure(1000, 1.0);
        assert_eq!(rate.per_second(), 1000);
        rate.measure(0, 1.0);
        assert_eq!(rate.per_second(), 800);
    }

    #[test]
    fn times_left_read_naturally() {
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(125), "2 min 05 s");
        assert_eq!(duration(7_500), "2 h 05 min");
    }
}
