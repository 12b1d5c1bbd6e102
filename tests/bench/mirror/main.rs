//! How fast images are copied, side by side with skopeo: ratios of one run. Never a test.
//!
//!     cargo bench --bench mirror [-- quick] [disk]
//!
//! Needs Debian's `docker-registry` and `skopeo`. Both programs copy between the same two registries on
//! `127.0.0.1`, because skopeo cannot address `[::1]`; runs alternate, and medians are compared. The registries keep
//! what they have in memory, with `disk` in the folder for temporary files. `quick` leaves out the layer of 1 GiB,
//! which is always on disk. What waits for answers is measured with both registries next door, where their processor time
//! is what there is to wait for, and behind lines with a round trip of 10 ms; everything is measured with other work on
//! the processors as well.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints its figures and starts programs as a user would"
)]

mod corpus;
mod line;
mod load;
mod registry;

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use corpus::Corpus;
use load::Load;
use registry::{Registry, Storage};

const GARDEN6: &str = env!("CARGO_BIN_EXE_garden6");
const ROUNDS: usize = 5;
/// Half of a round trip.
const LATE: Duration = Duration::from_millis(5);
const BUSY: &str = ", other work on the processors";
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What one run took.
#[derive(Clone, Copy, Debug)]
struct Run {
    wall: Duration,
    /// Peak of resident memory.
    peak_kib: u64,
}

fn main() {
    let asked = |wanted: &str| std::env::args().any(|word| word == wanted);
    if which::which("docker-registry").is_err() || which::which("skopeo").is_err() {
        println!("mirror: skipped, this machine lacks docker-registry or skopeo");
        return;
    }
    let storage = if asked("disk") {
        Storage::disk()
    } else {
        Storage::memory()
    };
    println!(
        "load average {}, registries in {}",
        load(),
        storage.folder().display()
    );
    let work = tempfile::tempdir().expect("a temporary folder");
    let source = Registry::start(&storage);
    let images: Vec<String> = (0..40).map(|number| format!("set{number}")).collect();
    for (number, name) in images.iter().enumerate() {
        Corpus::image(number as u64, &[20 * KIB; 4]).push(&source, name);
    }
    Corpus::index(500, 4, &[20 * KIB; 24]).push(&source, "small");
    Corpus::image(900, &[32 * MIB; 6]).push(&source, "bulk");

    let near = source.address();
    let far = line::to(near, LATE);
    for (when, from, is_busy) in [
        ("", near, false),
        (", 10 ms away", far, false),
        (BUSY, near, true),
    ] {
        let _load = is_busy.then(Load::start);
        let reach = |target: &Registry| {
            if from == far {
                line::to(target.address(), LATE)
            } else {
                target.address()
            }
        };
        let set = Set::new(work.path(), from, &images);
        let ratio = compare(&format!("40 images, all up to date{when}"), || {
            let target = Registry::start(&storage);
            set.garden6(target.address());
            let to = reach(&target);
            (set.garden6(to), set.skopeo(to))
        });
        goal(ratio, 5.0);
        let what = format!("index of 4 platforms, about 100 small blobs{when}");
        let ratio = compare(&what, || {
            let run = |copy: fn(SocketAddr, SocketAddr, &str) -> Run| {
                let target = Registry::start(&storage);
                copy(from, reach(&target), "small")
            };
            (run(copy_garden6), run(copy_skopeo))
        });
        goal(ratio, 3.0);
    }
    for (when, is_busy) in [("", false), (BUSY, true)] {
        let _load = is_busy.then(Load::start);
        let ratio = compare(&format!("6 layers of 32 MiB{when}"), || {
            let run = |copy: fn(SocketAddr, SocketAddr, &str) -> Run| {
                let target = Registry::start(&storage);
                copy(near, target.address(), "bulk")
            };
            (run(copy_garden6), run(copy_skopeo))
        });
        goal(ratio, 1.5);
    }
    drop(source);
    compare_memory(if asked("quick") { 100 } else { 1024 });
    println!("load average {}", load());
}

/// Prints what memory a layer of 10 MiB and one of `larger` MiB take.
fn compare_memory(larger: usize) {
    let disk = Storage::disk();
    let source = Registry::start(&disk);
    let mut peaks = Vec::new();
    for mib in [10, larger] {
        let name = format!("layer{mib}");
        Corpus::image(2000 + mib as u64, &[mib * MIB]).push(&source, &name);
        let target = Registry::start(&disk);
        let run = copy_garden6(source.address(), target.address(), &name);
        println!(
            "one layer of {mib} MiB: {:.2} s, {:.0} MiB/s, peak memory {:.1} MiB",
            run.wall.as_secs_f64(),
            f64::from(u32::try_from(mib).expect("a small number")) / run.wall.as_secs_f64(),
            mebi(run.peak_kib)
        );
        peaks.push(mebi(run.peak_kib));
    }
    println!(
        "memory, larger layer to smaller: {:.2} (goal: flat)",
        peaks[1] / peaks[0]
    );
}

/// Runs both, alternating, and prints medians and their ratio.
fn compare(what: &str, mut both: impl FnMut() -> (Run, Run)) -> f64 {
    let runs: Vec<(Run, Run)> = (0..ROUNDS).map(|_| both()).collect();
    let ours = median(runs.iter().map(|run| run.0.wall));
    let theirs = median(runs.iter().map(|run| run.1.wall));
    let peak = |of: fn(&(Run, Run)) -> u64| runs.iter().map(of).max().map_or(0.0, mebi);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{what}: garden6 {:.3} s, {:.0} MiB; skopeo {:.3} s, {:.0} MiB",
        ours.as_secs_f64(),
        peak(|run| run.0.peak_kib),
        theirs.as_secs_f64(),
        peak(|run| run.1.peak_kib),
    );
    ratio
}

fn goal(ratio: f64, wanted: f64) {
    let verdict = if ratio >= wanted { "reached" } else { "MISSED" };
    println!("  {ratio:.1} times as fast (goal {wanted}: {verdict})");
}

fn copy_garden6(from: SocketAddr, to: SocketAddr, name: &str) -> Run {
    measure(
        Command::new(GARDEN6)
            .args(["-q", "images", "mirror"])
            .arg(image(from, name))
            .arg(image(to, name)),
    )
}

fn copy_skopeo(from: SocketAddr, to: SocketAddr, name: &str) -> Run {
    measure(
        Command::new("skopeo")
            .args([
                "copy",
                "--all",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
            ])
            .arg(format!("docker://{}", image(from, name)))
            .arg(format!("docker://{}", image(to, name))),
    )
}

fn image(registry: SocketAddr, name: &str) -> String {
    format!("{registry}/{name}:v1")
}

/// A list of images in both programs' forms.
struct Set {
    list: std::path::PathBuf,
    yaml: std::path::PathBuf,
}

impl Set {
    fn new(folder: &Path, source: SocketAddr, images: &[String]) -> Self {
        let list = folder.join("list.txt");
        let yaml = folder.join("sync.yaml");
        let lines: Vec<String> = images
            .iter()
            .map(|name| image(source, name) + "\n")
            .collect();
        let entries: Vec<String> = images
            .iter()
            .map(|name| format!("    {name}: [v1]\n"))
            .collect();
        let sync = format!(
            "\"{}\":\n  tls-verify: false\n  images:\n{}",
            source,
            entries.concat()
        );
        std::fs::write(&list, lines.concat()).expect("a list is written");
        std::fs::write(&yaml, sync).expect("a list is written");
        Self { list, yaml }
    }

    fn garden6(&self, target: SocketAddr) -> Run {
        measure(
            Command::new(GARDEN6)
                .args(["-q", "images", "mirror", "-f"])
                .arg(&self.list)
                .arg("--target")
                .arg(target.to_string()),
        )
    }

    fn skopeo(&self, target: SocketAddr) -> Run {
        measure(
            Command::new("skopeo")
                .args(["sync", "--all", "--src", "yaml", "--dest", "docker"])
                .args(["--dest-tls-verify=false"])
                .arg(&self.yaml)
                .arg(target.to_string()),
        )
    }
}

/// Runs a program to its end, which has to be good.
fn measure(command: &mut Command) -> Run {
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = std::fs::read_to_string(&status_file)
            .ok()
            .and_then(|text| high_water(&text))
            .unwrap_or(peak_kib);
        if let Some(status) = child.try_wait().expect("it is a child") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = begun.elapsed();
    if !status.success() {
        let mut text = String::new();
        let errors = child.stderr.as_mut().expect("standard error is piped");
        drop(std::io::Read::read_to_string(errors, &mut text));
        panic!("{command:?} failed: {text}");
    }
    Run { wall, peak_kib }
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mebi(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}
