//! How long a whole local run of the doctor takes, beside what the engine alone takes. Never a test.
//!
//!     cargo bench --bench doctor [-- RUNS]
//!
//! Both are measured in turn in every round, so that a busy machine is busy for both. The goal is a
//! median of no more than 300 ms for the run, plus what the engine takes to answer `GET /info`.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::time::{Duration, Instant};

use garden6::doctor::{
    self, Profile, Request, Root, Target,
    facts::{EnvironmentVariables, Plan, keys},
    live::{
        self, ENGINE_TIME_OUT, Programs, Question,
        endpoint::{Endpoint, Settings},
        engine::EngineClient,
    },
};

const GOAL: Duration = Duration::from_millis(300);
const RUNS: u32 = 30;

fn main() {
    let runs: u32 = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(RUNS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime can be started");
    let env: EnvironmentVariables = std::env::vars()
        .filter(|(name, _)| keys::ENV.contains(&name.as_str()))
        .collect();
    let docker_host = env.get("DOCKER_HOST").cloned();
    let settings = Settings {
        docker_host: docker_host.clone(),
        ..Settings::default()
    };
    let endpoint = Endpoint::parse(&settings.select(|_| None).url);
    println!("engine {endpoint}, {runs} rounds");
    let question = |programs| Question {
        root: Root::machine(),
        env: env.clone(),
        docker_config: None,
        docker_host: docker_host.clone(),
        workdir: std::env::current_dir().expect("there is a working directory"),
        plan: Plan::default(),
        programs,
        engine_time_out: ENGINE_TIME_OUT,
        online: false,
        probe: false,
    };
    let engine = EngineClient::new(endpoint, ENGINE_TIME_OUT);
    let (mut alone, mut whole, mut start, mut rules) = (vec![], vec![], vec![], vec![]);
    let request = Request::new(Target::Kind, Profile::Ipv6);
    for _ in 0..runs {
        alone.push(timed(|| {
            // An engine that does not answer is part of the figure.
            drop(runtime.block_on(engine.get("/info")));
        }));
        whole.push(timed(|| {
            let facts = runtime.block_on(live::collect(&question(Programs::Base)));
            doctor::run(&facts, &request).expect("every check of the request exists");
        }));
        start.push(timed(|| {
            runtime.block_on(live::collect(&question(Programs::None)));
        }));
    }
    let facts = runtime.block_on(live::collect(&question(Programs::None)));
    for _ in 0..runs {
        rules.push(timed(|| {
            doctor::run(&facts, &request).expect("every check of the request exists");
        }));
    }
    let engine = told("engine's GET /info alone", &mut alone);
    let run = told("whole run: facts, programs, checks", &mut whole);
    told("facts for `up`, without programs", &mut start);
    told("checks alone", &mut rules);
    let beyond = run.saturating_sub(engine);
    let verdict = if beyond <= GOAL { "within" } else { "MISSES" };
    println!("beyond the engine: {beyond:.1?}, which {verdict} the goal of {GOAL:?}");
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// Prints best, median and worst, and returns the median.
fn told(what: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let median = times[times.len() / 2];
    let (best, worst) = (times[0], times[times.len() - 1]);
    println!("{what:<36} best {best:>8.1?}  median {median:>8.1?}  worst {worst:>8.1?}");
    median
}
