//! What can be known to fail before `up` makes anything: the doctor's findings that kind cannot get past.

use super::Context;
use crate::{
    config::{BackendKind, Cni, Environment},
    doctor::{
        self, Profile, Report, Request, Target,
        facts::{EnvironmentVariables, Plan},
        live::{self, ENGINE_TIME_OUT, Programs, Question},
        report::Item,
        signatures,
    },
    exit::Exit,
    failure::Failure,
    progress::Progress,
};

/// Checks whose failure kind cannot get past on any host. Others may fail and kind still works, so
/// they only warn: a host that carries a cluster is never refused.
const STOPPING: [&str; 10] = [
    "docker-socket-reachable",
    "docker-socket-permission",
    "docker-os-type",
    "docker-iptables",
    "docker-userland-proxy",
    "privileged-containers",
    "kind-network-ipv6",
    "ipv6-kernel-enabled",
    "ipv6-disable-lo",
    "loopback-v6",
];
/// Checks whose failure is worth a line before a long wait.
const TELLING: [&str; 8] = [
    "docker-daemon-json-valid",
    "docker-firewall-backend",
    "ipv4-forwarding",
    "inotify-instances",
    "inotify-watches",
    "nf-conntrack-usage",
    "disk-free",
    "memory-total",
];

/// The host as the command line and the environment describe it.
#[derive(Clone, Debug, Default)]
pub struct HostOptions {
    /// Environment variables that checks read.
    pub env: EnvironmentVariables,
    /// `DOCKER_CONFIG`.
    pub docker_config: Option<String>,
    /// Checks that are switched off, and why.
    pub skips: Vec<(String, String)>,
}

/// Looks at the host for an environment on kind.
///
/// # Errors
///
/// The first finding that kind cannot get past, with what to do about it.
pub(super) async fn run(
    context: &Context,
    environment: &Environment,
    host: &HostOptions,
    progress: &Progress,
) -> Result<(), Failure> {
    if environment.backend != BackendKind::Kind {
        return Ok(());
    }
    let step = progress.step("host");
    let facts = live::collect(&Question {
        root: doctor::Root::machine(),
        env: host.env.clone(),
        docker_config: host.docker_config.clone(),
        docker_host: context.docker_host.clone(),
        workdir: std::env::current_dir().map_err(Failure::internal)?,
        plan: plan(environment),
        programs: Programs::None,
        engine_time_out: ENGINE_TIME_OUT,
        online: false,
        probe: false,
    })
    .await;
    let report = doctor::run(&facts, &request(environment, host)).map_err(Failure::usage)?;
    if let Some(item) = report
        .failures()
        .find(|item| STOPPING.contains(&item.id.as_str()))
    {
        return Err(stop(item));
    }
    for item in report.failures() {
        progress.warn(format!("{}: {}", item.id, item.summary));
    }
    step.done(summary(&report));
    Ok(())
}

fn request(environment: &Environment, host: &HostOptions) -> Request {
    let target = match environment.cni {
        Cni::Calico { .. } => Target::Calico,
        Cni::Ptp => Target::Kind,
    };
    Request {
        target,
        profile: Profile::from(environment.plan.families),
        only: STOPPING
            .iter()
            .chain(&TELLING)
            .map(|id| (*id).to_owned())
            .collect(),
        skips: host.skips.iter().cloned().collect(),
    }
}

fn plan(environment: &Environment) -> Plan {
    Plan {
        cluster: environment.name.to_string(),
        nodes: u32::from(environment.workers) + 1,
        network: Some(environment.docker_network.clone()),
        local_registry: true,
        ..Plan::default()
    }
}

fn summary(report: &Report) -> String {
    let engine = report.header.engine.as_deref().unwrap_or("unknown");
    format!("{} checks, engine {engine}", report.items.len())
}

/// The finding as the user sees it in the doctor's report.
fn stop(item: &Item) -> Failure {
    let mut failure = Failure::new(
        Exit::Environment,
        format!("{}: {}. {}", item.id, item.summary, item.why),
    );
    if let Some(remedy) = &item.remedy {
        failure = failure.hint(remedy.text.clone());
        for command in &remedy.commands {
            failure = failure.hint(format!("`{command}`"));
        }
    }
    failure
        .hint(format!("`garden6 doctor explain {}` says more", item.id))
        .hint(format!(
            "`--skip {}=REASON` goes on without this check",
            item.id
        ))
}

/// Adds what is known about errors of Docker and kind to a failure.
pub(super) fn explained(failure: Failure) -> Failure {
    /// More than the likeliest ones only confuses.
    const SHOWN: usize = 2;
    let text = failure.chain().join("\n");
    signatures::explain(&text)
        .into_iter()
        .take(SHOWN)
        .fold(failure, |failure, signature| {
            let checks: Vec<String> = signature
                .checks
                .iter()
                .map(|id| format!("`garden6 doctor explain {id}`"))
                .collect();
            failure.hint(format!("{}: see {}", signature.meaning, checks.join(", ")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_that_is_asked_exists() {
        for id in STOPPING.iter().chain(&TELLING) {
            assert!(doctor::catalogue::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn what_stops_names_the_check_the_remedy_and_the_way_around() {
        let facts = doctor::Facts {
            docker: doctor::facts::Docker {
                ping: doctor::facts::Ping::NoSocket.into(),
                endpoint: "unix:///run/none.sock".to_owned().into(),
                ..doctor::facts::Docker::default()
            },
            ..doctor::Facts::default()
        };
        let request = Request::new(Target::Kind, Profile::Ipv6);
        let report = doctor::run(&facts, &request).unwrap();
        let failure = stop(report.item("docker-socket-reachable").unwrap());
        assert_eq!(failure.exit(), Exit::Environment);
        assert!(failure.chain()[0].starts_with("docker-socket-reachable: "));
        let hints = failure.hints().join("\n");
        assert!(
            hints.contains("garden6 doctor explain docker-socket-reachable"),
            "{hints}"
        );
        assert!(
            hints.contains("--skip docker-socket-reachable=REASON"),
            "{hints}"
        );
    }

    #[test]
    fn errors_of_docker_are_explained_by_checks() {
        let failure = Failure::environment(
            "kind could not create cluster: listen tcp6 [::1]:6443: bind: cannot assign requested address",
        );
        let hints = explained(failure).hints().join("\n");
        assert!(
            hints.contains("garden6 doctor explain ipv6-disable-lo"),
            "{hints}"
        );
        assert!(
            explained(Failure::environment("something else"))
                .hints()
                .is_empty()
        );
    }
}
