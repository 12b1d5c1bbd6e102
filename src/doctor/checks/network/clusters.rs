//! What kind made before, and what it is told by the environment.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kind-env-overrides",
        title: "kind's environment variables",
        scope: Scope::Host,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        engine: EngineNeed::Free,
        reads: "variables that begin with `KIND_`",
        rule: "another provider than docker warns; everything else is told",
        why: "a variable of a shell profile redirects every call of kind, those of other programs included",
        remedies: &[Remedy::any(
            "unset it, or say the same in the configuration of garden6",
            &["unset KIND_EXPERIMENTAL_PROVIDER"],
        )],
        run: variables,
        ..BASE
    },
    Check {
        id: "kind-leftover-clusters",
        title: "Clusters that exist already",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "containers with kind's label",
        rule: "a cluster of the planned name warns; others, and nodes that do not run, are told",
        why: "old nodes keep addresses of the network, and restarted ones may come back with other addresses",
        remedies: &[Remedy::any(
            "delete clusters that nobody needs",
            &["kind get clusters", "kind delete cluster --name NAME"],
        )],
        run: leftovers,
        ..BASE
    },
];

fn variables(ask: &Ask<'_>) -> Verdict {
    let set = ask.kind_env()?;
    let provider = set
        .iter()
        .find(|(name, _)| *name == "KIND_EXPERIMENTAL_PROVIDER");
    if let Some((name, value)) = provider.filter(|(_, value)| *value != "docker") {
        return Ok(warn(format!("{name}={value} makes kind use {value}"))
            .values(value, "docker")
            .command(format!("unset {name}")));
    }
    Ok(if set.is_empty() {
        pass("none is set")
    } else {
        let set: Vec<String> = set
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        info(format!("kind is told: {}", set.join(", ")))
    })
}

fn leftovers(ask: &Ask<'_>) -> Verdict {
    let planned = &ask.plan().cluster;
    let clusters = ask.clusters()?;
    if let Some(same) = clusters.iter().find(|cluster| cluster.name == *planned) {
        return Ok(warn(format!(
            "cluster {planned} exists already: {} nodes run, {} do not",
            same.running, same.exited
        ))
        .values(planned, "no cluster of that name")
        .command(format!("kind delete cluster --name {planned}")));
    }
    Ok(if clusters.is_empty() {
        pass("there is no cluster")
    } else {
        let names: Vec<&str> = clusters
            .iter()
            .map(|cluster| cluster.name.as_str())
            .collect();
        let idle: u32 = clusters.iter().map(|cluster| cluster.exited).sum();
        info(format!(
            "clusters {} exist, {idle} of their nodes do not run",
            names.join(", ")
        ))
    })
}
