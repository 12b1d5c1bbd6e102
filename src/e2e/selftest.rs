//! The runner on synthetic suites: every outcome, every report, every way to stop.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{
    case::{Area, Case, Lock, TimeoutClass},
    check,
    collect::{Collected, Collection, Collector},
    event::{EnvironmentFacts, Event, What},
    failure::Stop,
    interrupt::Interrupt,
    isolation::{Isolation, Leftover, Place},
    lane::Lane,
    outcome::Outcome,
    plan::plan,
    poll::Look,
    report::{JunitDialect, final_text, json, junit, read_events, tap, write_event},
    run::{Harness, Keep, RunOptions, run_plan},
    seed::Seed,
    select::Selection,
    summary::Summary,
    testing,
    verdict::{StopSignal, Verdict},
};

/// Isolation without a cluster: cases whose ID begins with `LEAK` leave something behind.
#[derive(Default)]
struct Fake {
    prepared: Mutex<Vec<String>>,
    cleaned: Mutex<Vec<String>>,
}

#[async_trait]
impl Isolation for Fake {
    async fn prepare(&self, place: &Place) -> Result<(), String> {
        if place.case.starts_with("NOPLACE") {
            return Err("no room".to_owned());
        }
        self.prepared
            .lock()
            .unwrap()
            .extend(place.namespace.clone());
        Ok(())
    }

    async fn clean(&self, place: &Place, _: &[Leftover], _: Duration) -> Vec<String> {
        self.cleaned.lock().unwrap().extend(place.namespace.clone());
        if place.case.starts_with("LEAK") {
            vec!["Namespace x: held by finalizers y".to_owned()]
        } else {
            Vec::new()
        }
    }
}

struct Canary;

#[async_trait]
impl Collector for Canary {
    fn name(&self) -> &'static str {
        "canary"
    }

    async fn collect(&self, collection: &Collection) -> Result<Vec<Collected>, String> {
        Ok(vec![Collected {
            path: "k8s/canary.txt".to_owned(),
            content: format!("namespaces: {:?}", collection.namespaces),
        }])
    }
}

struct Breaks;

#[async_trait]
impl Collector for Breaks {
    fn name(&self) -> &'static str {
        "breaks"
    }

    async fn collect(&self, _: &Collection) -> Result<Vec<Collected>, String> {
        panic!("collectors may break")
    }
}

fn case<F>(id: &'static str, run: impl Fn(super::Context) -> F + Send + Sync + 'static) -> Case
where
    F: Future<Output = super::CaseResult> + Send + 'static,
{
    Case::new(id, Area::Harness, "does as it is told", run)
        .purpose("Shows what the runner does.")
        .timeout(TimeoutClass::Api)
}

fn passes(id: &'static str) -> Case {
    case(id, |context| async move {
        context.step("pass");
        Ok(())
    })
}

/// One case per outcome, with text that would break careless reports.
fn every_outcome() -> Vec<Case> {
    let tries = Arc::new(AtomicU32::new(0));
    vec![
        passes("PASS-01"),
        case("FAIL-01", |context| async move {
            context.step("compare ]]> & <b>\u{1b}[31m# not ok");
            context.note("a note\u{0}\nwith two lines");
            check::equal("answer", &"42 ]]> \u{1b}[31m", &"41\n# SKIP no")
        }),
        case("ERROR-01", |context| async move {
            context.arrange("prepare");
            Err(Stop::failed("no input"))
        }),
        case("BROKEN-01", |context| async move {
            context.step("act");
            Err(Stop::broken("no tool"))
        }),
        case("NOPLACE-01", |_| async { Ok(()) }),
        case("PANIC-01", |context| async move {
            context.step("panic");
            panic!("the case is wrong")
        }),
        case("HANG-01", |context| async move {
            context.step("hang");
            std::future::pending().await
        })
        .timeout(TimeoutClass::Api),
        case("POLL-01", |context| async move {
            context.step("wait");
            context
                .eventually("it", TimeoutClass::ShootUp, || async {
                    Ok(Look::NotYet("pending".to_owned()))
                })
                .await
        }),
        case("FLAKY-01", move |context| {
            let tries = Arc::clone(&tries);
            async move {
                context.step("try");
                check::that(
                    tries.fetch_add(1, Ordering::Relaxed) > 0,
                    "luck",
                    "some",
                    "none",
                )
            }
        }),
        case("SKIP-01", |context| async move {
            context.step("look");
            Err(Stop::not_applicable("nothing to see # here"))
        }),
        case("LEAK-01", |context| async move {
            context.step("make a mess");
            Ok(())
        }),
    ]
}

const EXPECTED: [(&str, Outcome); 11] = [
    ("BROKEN-01[v6]", Outcome::Error),
    ("ERROR-01[v6]", Outcome::Error),
    ("FAIL-01[v6]", Outcome::Failed),
    ("FLAKY-01[v6]", Outcome::Flaky),
    ("HANG-01[v6]", Outcome::TimedOut),
    ("LEAK-01[v6]", Outcome::Leaked),
    ("NOPLACE-01[v6]", Outcome::Error),
    ("PANIC-01[v6]", Outcome::Error),
    ("PASS-01[v6]", Outcome::Passed),
    ("POLL-01[v6]", Outcome::Failed),
    ("SKIP-01[v6]", Outcome::Skipped),
];

fn options() -> RunOptions {
    RunOptions {
        run: Some("run-1".to_owned()),
        selection: Selection {
            lane: Some(Lane::Periodic),
            ..Selection::default()
        },
        seed: Seed(7),
        timeout_scale: testing::SCALE,
        ..RunOptions::default()
    }
}

struct Ran {
    summary: Summary,
    events: Vec<Event>,
    isolation: Arc<Fake>,
}

async fn run(cases: Vec<Case>, options: &RunOptions, interrupt: &Interrupt) -> Ran {
    let target = testing::target();
    let policy = options.selection.policy_lane().policy();
    let planned = plan(cases, &target, &policy, &[]).unwrap();
    let isolation = Arc::new(Fake::default());
    let harness = Harness {
        isolation: Arc::<Fake>::clone(&isolation),
        collectors: vec![Arc::new(Canary), Arc::new(Breaks)],
    };
    let (sink, mut inbox) = mpsc::unbounded_channel();
    let facts = EnvironmentFacts::default();
    let target = Arc::new(target);
    let summary = run_plan(planned, options, target, facts, harness, interrupt, sink).await;
    let mut events = Vec::new();
    while let Ok(event) = inbox.try_recv() {
        events.push(event);
    }
    Ran {
        summary,
        events,
        isolation,
    }
}

fn outcomes(summary: &Summary) -> Vec<(&str, Outcome)> {
    let mut outcomes: Vec<_> = summary
        .cases
        .iter()
        .map(|record| (record.case.as_str(), record.outcome.unwrap()))
        .collect();
    outcomes.sort_unstable();
    outcomes
}

#[tokio::test]
async fn every_outcome_comes_out_and_every_report_counts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let options = RunOptions {
        artifacts: Some(folder.path().to_owned()),
        jobs: 16,
        ..options()
    };
    let ran = run(every_outcome(), &options, &Interrupt::default()).await;
    let summary = &ran.summary;
    assert_eq!(outcomes(summary), EXPECTED);
    assert_eq!(summary.tally, EXPECTED.iter().map(|(_, o)| *o).collect());
    assert_eq!(summary.verdict, Some(Verdict::CasesFailed));

    // The events alone give the same summary, also after a trip through a file.
    let mut file = Vec::new();
    for event in &ran.events {
        write_event(event, &mut file).unwrap();
    }
    let read = read_events(file.as_slice()).unwrap();
    assert_eq!(read, ran.events);
    assert_eq!(&Summary::of(&read), summary);
    for (position, event) in read.iter().enumerate() {
        assert_eq!(event.sequence, position as u64);
    }

    // JSON.
    let parsed: serde_json::Value = serde_json::from_str(&json(summary)).unwrap();
    for (key, count) in [("passed", 1), ("failed", 2), ("error", 4), ("timed-out", 1)] {
        assert_eq!(parsed["tally"][key], count, "{key}");
    }

    // JUnit.
    let xml = junit(summary, JunitDialect::Rerun).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    assert_eq!(
        (report.tests, report.failures, report.errors, report.skipped),
        (11, 4, 4, 1),
        "failed, timed out and leaked cases are failures"
    );
    assert!(xml.contains("flakyFailure"), "{xml}");
    let xml = junit(summary, JunitDialect::Duplicate).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let flaky: Vec<_> = report.test_suites[0]
        .test_cases
        .iter()
        .filter(|case| case.name.as_str().starts_with("FLAKY-01"))
        .map(|case| matches!(case.status, quick_junit::TestCaseStatus::Success { .. }))
        .collect();
    assert_eq!(flaky, [false, true]);

    // TAP.
    let tap = tap(summary);
    let count = |start: &str| tap.lines().filter(|line| line.starts_with(start)).count();
    assert!(tap.starts_with("TAP version 14\n1..11\n"), "{tap}");
    assert_eq!((count("ok "), count("not ok ")), (3, 8));
    assert_eq!(tap.matches(" # SKIP ").count(), 1, "{tap}");

    // Text.
    let text = final_text(summary);
    assert!(
        text.contains("1 passed, 2 failed, 4 error, 1 timed out, 1 leaked, 1 flaky, 1 skipped"),
        "{text}"
    );
    for (name, outcome) in EXPECTED {
        if outcome != Outcome::Passed {
            let id = name.trim_end_matches("[v6]");
            assert!(text.contains(id), "{id} is not in {text}");
        }
    }
    assert!(text.contains("garden6 e2e run "), "{text}");
}

#[tokio::test]
async fn a_failed_case_has_its_files_although_a_collector_broke() {
    let folder = tempfile::tempdir().unwrap();
    let options = RunOptions {
        artifacts: Some(folder.path().to_owned()),
        retries: Some(0),
        ..options()
    };
    let cases: Vec<Case> = every_outcome()
        .into_iter()
        .filter(|case| case.id == "FAIL-01" || case.id == "PASS-01")
        .collect();
    let ran = run(cases, &options, &Interrupt::default()).await;
    let files = folder.path().join("cases/FAIL-01[v6]/attempt-1");
    let read = |name: &str| std::fs::read_to_string(files.join(name)).unwrap();
    assert!(read("case.log").contains("step 2: compare"));
    assert!(read("steps.jsonl").lines().count() >= 3);
    assert!(read("k8s/canary.txt").contains("e2e-fail-01-"));
    let page = read("failure.md");
    assert!(page.contains("In the step \"compare"), "{page}");
    assert!(page.contains("garden6 e2e run FAIL-01 --seed 7"), "{page}");
    let index: serde_json::Value = serde_json::from_str(&read("index.json")).unwrap();
    assert_eq!(index.as_array().unwrap().len(), 4);
    assert!(!folder.path().join("cases/PASS-01[v6]").exists());
    let broken = ran.events.iter().any(|event| {
        matches!(&event.what, What::CollectionFailed { collector, .. } if collector == "breaks")
    });
    assert!(broken, "the broken collector is reported");
    assert_eq!(
        ran.summary
            .with(&[Outcome::Failed])
            .next()
            .unwrap()
            .failure_page(),
        Some("cases/FAIL-01[v6]/attempt-1/failure.md")
    );
}

#[tokio::test]
async fn an_artifact_folder_that_cannot_be_written_changes_no_outcome() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let options = RunOptions {
        artifacts: Some(file.path().to_owned()),
        retries: Some(0),
        jobs: 16,
        ..options()
    };
    let ran = run(every_outcome(), &options, &Interrupt::default()).await;
    let bad = ran.summary.with(&[Outcome::Failed]).count();
    // Without retries the flaky case fails.
    assert_eq!(bad, 3);
}

#[tokio::test]
async fn failing_fast_cancels_what_runs_and_what_waits_and_cleans_up() {
    let cases = vec![
        case("HANG-01", |context| async move {
            context.step("hang");
            std::future::pending().await
        })
        .timeout(TimeoutClass::ShootUp),
        case("FAIL-01", |_| async { Err(Stop::failed("no")) }),
        passes("PASS-01").serial(),
    ];
    let options = RunOptions {
        fail_fast: Some(1),
        retries: Some(0),
        ..options()
    };
    let ran = run(cases, &options, &Interrupt::default()).await;
    assert_eq!(
        outcomes(&ran.summary),
        [
            ("FAIL-01[v6]", Outcome::Failed),
            ("HANG-01[v6]", Outcome::Cancelled),
            ("PASS-01[v6]", Outcome::Cancelled),
        ]
    );
    assert_eq!(ran.summary.verdict, Some(Verdict::CasesFailed));
    assert_eq!(
        ran.isolation.prepared.lock().unwrap().len(),
        ran.isolation.cleaned.lock().unwrap().len()
    );
}

/// A run of a hanging and a waiting case that gets `signals` signals once the first one hangs.
async fn signalled(signals: u32) -> Ran {
    let interrupt = Interrupt::default();
    let sender = interrupt.clone();
    let cases = vec![
        case("HANG-01", move |context| {
            let sender = sender.clone();
            async move {
                context.step("hang");
                for _ in 0..signals {
                    sender.send(StopSignal::Terminate);
                }
                std::future::pending().await
            }
        })
        .timeout(TimeoutClass::ShootUp),
        passes("PASS-01").serial(),
    ];
    run(cases, &options(), &interrupt).await
}

#[tokio::test]
async fn signals_cancel_then_skip_clean_up_then_leave_and_always_report() {
    for signals in [1, 2, 3] {
        let ran = signalled(signals).await;
        assert_eq!(
            outcomes(&ran.summary),
            [
                ("HANG-01[v6]", Outcome::Cancelled),
                ("PASS-01[v6]", Outcome::Cancelled),
            ],
            "{signals} signals"
        );
        assert_eq!(
            ran.summary.verdict,
            Some(Verdict::Interrupted(StopSignal::Terminate))
        );
        let cleaned = ran.isolation.cleaned.lock().unwrap().len();
        assert_eq!(cleaned, usize::from(signals == 1), "{signals} signals");
        assert!(matches!(
            ran.events.last().unwrap().what,
            What::RunFinished { .. }
        ));
        junit(&ran.summary, JunitDialect::Rerun).unwrap();
    }
}

#[tokio::test]
async fn locks_weights_and_serial_cases_are_respected() {
    let state = Arc::new(Mutex::new((0_usize, 0_usize, 0_usize)));
    let measured = |id: &'static str, weight: usize| {
        let state = Arc::clone(&state);
        case(id, move |_| {
            let state = Arc::clone(&state);
            async move {
                {
                    let mut state = state.lock().unwrap();
                    state.0 += weight;
                    state.1 = state.1.max(state.0);
                    state.2 += 1;
                }
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                state.lock().unwrap().0 -= weight;
                Ok(())
            }
        })
        .weight(weight)
    };
    let ids = ["A-01", "A-02", "A-03", "A-04", "A-05", "A-06"];
    let cases: Vec<Case> = ids.map(|id| measured(id, 2)).into();
    let options = RunOptions {
        jobs: 4,
        ..options()
    };
    run(cases, &options, &Interrupt::default()).await;
    assert_eq!(*state.lock().unwrap(), (0, 4, 6), "at most two at once");

    *state.lock().unwrap() = (0, 0, 0);
    let cases: Vec<Case> = ids.map(|id| measured(id, 1).locks(&[Lock::Seeds])).into();
    run(cases, &options, &Interrupt::default()).await;
    assert_eq!(*state.lock().unwrap(), (0, 1, 6), "one at once");

    *state.lock().unwrap() = (0, 0, 0);
    let cases: Vec<Case> = ids.map(|id| measured(id, 1).serial()).into();
    run(cases, &options, &Interrupt::default()).await;
    assert_eq!(*state.lock().unwrap(), (0, 1, 6), "one at once");
}

#[tokio::test]
async fn kept_places_are_not_cleaned() {
    for (keep, cleaned) in [(Keep::Never, 2), (Keep::OnFailure, 1), (Keep::Always, 0)] {
        let cases = vec![
            passes("PASS-01"),
            case("FAIL-01", |_| async { Err(Stop::failed("no")) }),
        ];
        let options = RunOptions {
            keep,
            retries: Some(0),
            ..options()
        };
        let ran = run(cases, &options, &Interrupt::default()).await;
        assert_eq!(
            ran.isolation.cleaned.lock().unwrap().len(),
            cleaned,
            "{keep:?}"
        );
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_names() {
    let names = || async {
        let ran = run(every_outcome(), &options(), &Interrupt::default()).await;
        let mut names = ran.isolation.prepared.lock().unwrap().clone();
        names.sort();
        names
    };
    assert_eq!(names().await, names().await);
}
