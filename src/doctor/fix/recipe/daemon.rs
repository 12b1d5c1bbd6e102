//! The engine's configuration file.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Recipe;
use crate::doctor::{
    Facts,
    facts::Scalar,
    fix::{action::Action, change::Service, edit::daemon_json::Edit},
    parse::{daemon, versions},
};

/// `dockerd --validate` is there from here on.
const VALIDATES: u64 = 23;
/// Runtimes that isolate so much that nodes do not run in them.
const SANDBOXES: [&str; 4] = ["runsc", "kata", "kata-runtime", "sysbox-runc"];

/// The recipe of a check about the engine's configuration.
pub(super) fn recipe(id: &str, facts: &Facts) -> Option<Recipe> {
    let docker = &facts.docker;
    let major = versions::version(&docker.version.known()?.version).map_or(0, |found| found.major);
    let edits = edits(id, facts, major)?;
    let flags = docker.dockerd_args.known().map_or(&[][..], Vec::as_slice);
    // What is said on the command line cannot be said in the file as well.
    if edits
        .iter()
        .any(|edit| daemon::flag_names(flags).any(|flag| flag == key_of(edit)))
    {
        return None;
    }
    let file = Action::DaemonJson {
        path: docker.daemon_json_path.known()?.into(),
        edits,
        validate: major >= VALIDATES,
    };
    if !has_systemd(facts) {
        let recipe = Recipe::of([file])?.noting(
            "there is no systemd here: restart dockerd yourself for the file to take effect",
        );
        return Some(Recipe {
            restarts: true,
            ..recipe
        });
    }
    let recipe = Recipe::of([file, Action::Service(Service::Docker)])?;
    let running: u32 = docker.clusters.known().map_or(0, |clusters| {
        clusters.iter().map(|cluster| cluster.running).sum()
    });
    let recipe = recipe.noting(format!(
        "Docker is restarted, and containers stop with it ({running} nodes of kind clusters run now)"
    ));
    Some(Recipe {
        restarts: true,
        ..recipe
    })
}

fn key_of(edit: &Edit) -> &str {
    match edit {
        Edit::Set { key, .. }
        | Edit::Remove { key }
        | Edit::Extend { key, .. }
        | Edit::Drop { key, .. }
        | Edit::SetWithin { key, .. } => key,
    }
}

fn edits(id: &str, facts: &Facts, major: u64) -> Option<Vec<Edit>> {
    let config = facts.docker.daemon_json.known();
    let key = |name: &str| config.and_then(|config| config.get(name));
    let remove = |key: &str| Edit::Remove {
        key: key.to_owned(),
    };
    let set = |key: &str, value: Value| Edit::Set {
        key: key.to_owned(),
        value,
    };
    Some(match id {
        // The first engine that filters IPv6 without experiments is 27.
        "docker-ip6tables" if major < 27 => vec![
            set("experimental", json!(true)),
            set("ip6tables", json!(true)),
        ],
        "docker-ip6tables" => vec![remove("ip6tables")],
        "docker-iptables" => vec![remove("iptables")],
        "docker-userland-proxy" => vec![remove("userland-proxy")],
        // Before 28 the engine does not start with `ipv6` and without this key.
        "docker-fixed-cidr-v6" if major >= 28 || key("ipv6") != Some(&json!(true)) => {
            vec![remove("fixed-cidr-v6")]
        }
        "docker-insecure-registry-loopback" => vec![Edit::Extend {
            key: "insecure-registries".to_owned(),
            values: vec![json!("127.0.0.0/8"), json!("::1/128")],
        }],
        "docker-default-ulimits" => vec![Edit::SetWithin {
            key: "default-ulimits".to_owned(),
            within: "nofile".to_owned(),
            value: json!({"Name": "nofile", "Hard": 1_048_576, "Soft": 1_048_576}),
        }],
        "docker-default-runtime" => {
            let runtime = key("default-runtime")?.as_str()?;
            SANDBOXES
                .contains(&runtime)
                .then(|| vec![remove("default-runtime")])?
        }
        "docker-daemon-dns" => {
            let useless: Vec<Value> = key("dns")?
                .as_array()?
                .iter()
                .filter(|server| is_useless(server))
                .cloned()
                .collect();
            (!useless.is_empty()).then(|| {
                vec![Edit::Drop {
                    key: "dns".to_owned(),
                    values: useless,
                }]
            })?
        }
        "docker-mtu" => vec![set("mtu", json!(uplink_mtu(facts)?))],
        _ => return None,
    })
}

/// Loopback and link-local resolvers mean something else in a container.
fn is_useless(server: &Value) -> bool {
    let text = server.as_str().unwrap_or_default();
    match text.split('%').next().unwrap_or_default().parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// The smallest MTU among the ways out; one that IPv6 can live with.
fn uplink_mtu(facts: &Facts) -> Option<u32> {
    let view = &facts.host.view;
    let mtu = view.mtu.known()?;
    [&view.uplink4, &view.uplink6]
        .into_iter()
        .filter_map(|uplink| mtu.get(uplink.known()?).copied())
        .min()
        .filter(|mtu| *mtu >= 1280)
}

fn has_systemd(facts: &Facts) -> bool {
    facts.host.view.systemd.known().is_some()
        || facts
            .host
            .files
            .get("/proc/1/comm")
            .and_then(|fact| fact.known())
            .map(|text| Scalar::from(text.as_str()))
            .is_some_and(|name| name.as_str() == "systemd")
}
