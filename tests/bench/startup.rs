//! How long an environment takes, as figures and ratios of one run. Never a test.
//!
//!     cargo bench --bench startup
//!
//! The kind part runs where the variables of the offline kit are set:
//!
//!     eval "$(hack/offline-kit/build.sh)" && cargo bench --bench startup

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints its figures and starts programs as a user would"
)]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const GARDEN6: &str = env!("CARGO_BIN_EXE_garden6");
const EMBEDDED_RUNS: usize = 20;
const KIND_RUNS: usize = 3;

fn main() {
    // `cargo bench` and `cargo test --benches` pass arguments that mean nothing here.
    let mut embedded: Vec<_> = (0..EMBEDDED_RUNS).map(|_| embedded()).collect();
    println!(
        "embedded, process start to ready with CRDs and stack: {} (goal 50 ms: {:.2} of it)",
        spread(&mut embedded),
        median(&mut embedded).as_secs_f64() / 0.050
    );
    let Some(kit) = Kit::from_environment() else {
        println!("kind: skipped, the variables of the offline kit are not set");
        return;
    };
    let mut bare = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..KIND_RUNS {
        bare.push(kit.bare());
        ours.push(kit.ours());
    }
    println!("kind create cluster, bare: {}", spread(&mut bare));
    println!("garden6 up, until the API answers: {}", spread(&mut ours));
    println!(
        "ratio of medians: {:.3} (goal 1.10)",
        median(&mut ours).as_secs_f64() / median(&mut bare).as_secs_f64()
    );
}

/// Starts `garden6 serve` and waits until it says that it is ready.
fn embedded() -> Duration {
    let state = tempfile::tempdir().expect("a temporary folder");
    let ready = state.path().join("environments/garden6/serve.json");
    let started = Instant::now();
    let mut serve = garden6(state.path())
        .arg("serve")
        .stderr(Stdio::null())
        .spawn()
        .expect("garden6 starts");
    while !ready.exists() {
        std::thread::sleep(Duration::from_micros(200));
        let ended = serve.try_wait().expect("garden6 is a child");
        assert!(ended.is_none(), "`garden6 serve` ended: {ended:?}");
    }
    let took = started.elapsed();
    stop(&mut serve);
    took
}

fn stop(child: &mut Child) {
    child.kill().expect("garden6 can be killed");
    child.wait().expect("garden6 is a child");
}

fn garden6(state: &Path) -> Command {
    let mut command = Command::new(GARDEN6);
    command.env("GARDEN6_STATE_DIR", state).env("CI", "true");
    command
}

/// What the offline kit made.
struct Kit {
    kind: String,
    node_image: String,
    registry_image: String,
}

impl Kit {
    fn from_environment() -> Option<Self> {
        Some(Self {
            kind: variable("GARDEN6_KIND")?,
            node_image: variable("GARDEN6_NODE_IMAGE")?,
            registry_image: variable("GARDEN6_REGISTRY_IMAGE")?,
        })
    }

    /// `kind create cluster` with the configuration that `garden6 up` would give it.
    fn bare(&self) -> Duration {
        let state = tempfile::tempdir().expect("a temporary folder");
        let config = state.path().join("kind.yaml");
        let kubeconfig = state.path().join("kubeconfig");
        run(garden6(state.path())
            .args(["generate", "kind", "--name", "bench", "--out"])
            .arg(&config)
            .args(["--node-image", &self.node_image, "--kubernetes", "1.20.2"]));
        run(Command::new("docker").args([
            "network",
            "create",
            "--ipv6",
            "--subnet",
            "fd00:10::/64",
            "--subnet",
            "172.18.0.0/24",
            "kind",
        ]));
        let started = Instant::now();
        run(Command::new(&self.kind)
            .args(["create", "cluster", "--name", "bench", "--config"])
            .arg(&config)
            .arg("--kubeconfig")
            .arg(&kubeconfig));
        let took = started.elapsed();
        run(Command::new(&self.kind)
            .args(["delete", "cluster", "--name", "bench", "--kubeconfig"])
            .arg(&kubeconfig));
        run(Command::new("docker").args(["network", "rm", "kind"]));
        took
    }

    /// `garden6 up`, until it says that the cluster is there.
    fn ours(&self) -> Duration {
        let state = tempfile::tempdir().expect("a temporary folder");
        let started = Instant::now();
        let mut up = garden6(state.path())
            .args(["up", "--name", "bench", "--backend", "kind", "--cni", "ptp"])
            .args(["--node-image", &self.node_image])
            .args([
                "--registry-image",
                &self.registry_image,
                "--kind",
                &self.kind,
            ])
            .stderr(Stdio::piped())
            .spawn()
            .expect("garden6 starts");
        let lines = BufReader::new(up.stderr.take().expect("standard error is piped")).lines();
        let mut took = None;
        let mut said = String::new();
        for line in lines.map_while(Result::ok) {
            if line.starts_with("ok  kind cluster") {
                took = Some(started.elapsed());
            }
            said.push_str(&line);
            said.push('\n');
        }
        let status = up.wait().expect("garden6 is a child");
        run(garden6(state.path()).args(["down", "--name", "bench"]));
        assert!(status.success(), "`garden6 up` failed:\n{said}");
        took.unwrap_or_else(|| panic!("`garden6 up` named no kind cluster:\n{said}"))
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn spread(times: &mut [Duration]) -> String {
    let median = median(times);
    format!(
        "median {:.1} ms, {:.1} to {:.1} ms in {} runs",
        median.as_secs_f64() * 1000.0,
        times[0].as_secs_f64() * 1000.0,
        times[times.len() - 1].as_secs_f64() * 1000.0,
        times.len()
    )
}
