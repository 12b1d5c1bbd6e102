//! The presubmit lane against an embedded environment of every family.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Interrupt, Lane, Need, Outcome, RunOptions, Seed, Summary, Target,
    report::{Live, final_text},
    run,
    select::Selection,
};
use crate::{
    api::gates::{ApiProfile, FeatureGates},
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    ipam::AddressPlan,
    stack::{self, admission::StackAdmission},
};

/// A control plane with the stack in it, as one test sees it.
struct Environment {
    plane: ControlPlane,
    options: stack::Options,
    stop: CancellationToken,
    controllers: tokio::task::JoinHandle<Result<(), stack::StackError>>,
    folder: tempfile::TempDir,
}

impl Environment {
    async fn start(families: &str, profile: ApiProfile, gates: FeatureGates) -> Self {
        let plan = AddressPlan::default_for(families.parse().unwrap());
        let mut options = stack::Options::new(plan);
        options.api_profile = profile;
        options.feature_gates = gates;
        options.simulated_nodes = vec!["node".to_owned()];
        let admission = Arc::new(StackAdmission::new(&options));
        let plane = ControlPlane::start(ControlPlaneOptions {
            service_cidrs: options.plan.services(),
            admission: vec![Arc::<StackAdmission>::clone(&admission)],
            crds: stack::crds_as_json(),
            ..ControlPlaneOptions::default()
        })
        .await
        .unwrap();
        admission.attach(plane.client());
        let stop = CancellationToken::new();
        stack::bootstrap(&plane.client(), &options).await.unwrap();
        let controllers = tokio::spawn(stack::run(plane.client(), options.clone(), stop.clone()));
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = serde_json::to_string(&plane.kubeconfig()).unwrap();
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig).unwrap();
        Self {
            plane,
            options,
            stop,
            controllers,
            folder,
        }
    }

    async fn target(&self) -> Target {
        Target {
            name: "test".to_owned(),
            client: self.plane.remote_client().await.unwrap(),
            kubeconfig: Some(self.folder.path().join("kubeconfig")),
            kubectl: which::which("kubectl").ok(),
            plan: self.options.plan.clone(),
            profile: self.options.api_profile,
            gates: self.options.feature_gates.clone(),
            abilities: BTreeSet::from([
                Need::Admission,
                Need::Stack,
                Need::LoadBalancers,
                Need::Nodes(1),
            ]),
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.controllers.await.unwrap().unwrap();
        self.plane.shutdown().await;
    }
}

async fn presubmit(families: &str, profile: ApiProfile, gates: &str) -> Summary {
    let mut environment = Environment::start(families, profile, gates.parse().unwrap()).await;
    let options = RunOptions {
        selection: Selection {
            lane: Some(Lane::Presubmit),
            ..Selection::default()
        },
        seed: Seed(1),
        jobs: 8,
        fail_fast: Some(0),
        // Nothing here waits for machines: limits may be shorter.
        timeout_scale: 0.3,
        artifacts: option_env!("GARDEN6_TEST_ARTIFACTS").map(Into::into),
        ..RunOptions::default()
    };
    let (events, mut inbox) = mpsc::unbounded_channel();
    let target = environment.target().await;
    let reader = tokio::spawn(async move {
        let mut live = Live::default();
        while let Some(event) = inbox.recv().await {
            for line in live.lines(&event) {
                println!("{line}");
            }
        }
    });
    let interrupt = Interrupt::default();
    let summary = tokio::select! {
        summary = run(&options, target, &interrupt, events) => summary.unwrap(),
        ended = &mut environment.controllers => panic!("the controllers ended: {ended:?}"),
    };
    reader.await.unwrap();
    println!("{}", final_text(&summary));
    environment.stop().await;
    summary
}

fn bad(summary: &Summary) -> Vec<&str> {
    let records = summary.cases.iter().filter(|record| {
        record
            .outcome
            .is_none_or(|outcome| outcome.is_failure() || outcome == Outcome::Cancelled)
    });
    records.map(|record| record.case.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_on_ipv6() {
    let summary = presubmit("ipv6", ApiProfile::Gep21, "").await;
    assert!(summary.tally.passed > 0);
    assert_eq!(bad(&summary), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_on_ipv4() {
    let summary = presubmit("ipv4", ApiProfile::Gep21, "").await;
    assert!(summary.tally.passed > 0);
    assert_eq!(bad(&summary), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_on_dual_stack_with_the_rules_of_today() {
    let summary = presubmit("ipv6,ipv4", ApiProfile::Upstream, "").await;
    assert!(summary.tally.passed > 0);
    assert_eq!(bad(&summary), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_on_dual_stack_with_the_outlook_of_the_gep() {
    let summary = presubmit("ipv4,ipv6", ApiProfile::Gep21, "DualStack=true").await;
    assert!(summary.tally.passed > 0);
    assert_eq!(bad(&summary), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_on_dual_stack_with_automatic_ranges() {
    let summary = presubmit("ipv6,ipv4", ApiProfile::Gep21, "AutoIPv6=true").await;
    assert_eq!(bad(&summary), [""; 0]);
    for case in ["CLD-01", "CLD-02", "CLD-03", "CLD-04", "CLD-05", "CLD-06"] {
        let record = summary.cases.iter().find(|record| record.id() == case);
        assert_eq!(record.unwrap().outcome, Some(Outcome::Passed), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presubmit_lane_is_green_where_the_gate_is_closed() {
    let summary = presubmit("ipv4", ApiProfile::Gep21, "IPv6SingleStack=false").await;
    assert_eq!(bad(&summary), [""; 0]);
    let closed = summary.cases.iter().find(|record| record.id() == "API-02");
    assert_eq!(closed.unwrap().outcome, Some(Outcome::Passed));
}
