//! The engine's configuration file.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{super::prelude::*, ENGINE};
use crate::doctor::{ask::flag_of, parse::daemon};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "docker-daemon-json-valid",
    title: "The engine's configuration file",
    fix: FixClass::Restart,
    reads: "`daemon.json` and the arguments of dockerd",
    rule: "not JSON, a key that this release does not know, a key that is also an argument, `hosts` beside the unit's socket, \
           `ip6tables` without `experimental` before 27 and `ipv6` without `fixed-cidr-v6` before 28 fail",
    why: "the daemon at work may have read an older file; it will refuse this one at its next start",
    remedies: &[
        Remedy::any(
            "correct the file, and let the daemon check it before it restarts (23 and later)",
            &["sudo dockerd --validate --config-file /etc/docker/daemon.json"],
        ),
        Remedy::provider(
            Provider::Desktop,
            "correct the JSON in Settings → Docker Engine",
            &[],
        ),
        Remedy::provider(
            Provider::Colima,
            "correct the `docker:` map in colima.yaml",
            &["colima start --edit"],
        ),
    ],
    link: Some("https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file"),
    run: valid,
    ..ENGINE
}];

/// Keys that dockerd takes.
const KEYS: [&str; 95] = [
    "allow-direct-routing",
    "allow-nondistributable-artifacts",
    "api-cors-header",
    "authorization-plugins",
    "bip",
    "bip6",
    "bridge",
    "bridge-accept-fwmark",
    "builder",
    "cdi-spec-dirs",
    "cgroup-parent",
    "cluster-advertise",
    "cluster-store",
    "cluster-store-opts",
    "containerd",
    "containerd-namespace",
    "containerd-plugins-namespace",
    "cpu-rt-period",
    "cpu-rt-runtime",
    "data-root",
    "debug",
    "default-address-pools",
    "default-cgroupns-mode",
    "default-gateway",
    "default-gateway-v6",
    "default-ipc-mode",
    "default-network-opts",
    "default-runtime",
    "default-shm-size",
    "default-ulimits",
    "deprecated-key-path",
    "dns",
    "dns-opts",
    "dns-search",
    "exec-opts",
    "exec-root",
    "experimental",
    "features",
    "firewall-backend",
    "fixed-cidr",
    "fixed-cidr-v6",
    "group",
    "host-gateway-ip",
    "host-gateway-ips",
    "hosts",
    "http-proxy",
    "https-proxy",
    "icc",
    "init",
    "init-path",
    "insecure-registries",
    "ip",
    "ip-forward",
    "ip-forward-no-drop",
    "ip-masq",
    "ip6tables",
    "iptables",
    "ipv6",
    "labels",
    "live-restore",
    "log-driver",
    "log-format",
    "log-level",
    "log-opts",
    "max-concurrent-downloads",
    "max-concurrent-uploads",
    "max-download-attempts",
    "metrics-addr",
    "min-api-version",
    "mtu",
    "network-control-plane-mtu",
    "no-new-privileges",
    "no-proxy",
    "node-generic-resources",
    "oom-score-adjust",
    "pidfile",
    "proxies",
    "raw-logs",
    "registry-mirrors",
    "runtimes",
    "seccomp-profile",
    "selinux-enabled",
    "shutdown-timeout",
    "storage-driver",
    "storage-opts",
    "swarm-default-advertise-addr",
    "tls",
    "tlscacert",
    "tlscert",
    "tlskey",
    "tlsverify",
    "userland-proxy",
    "userland-proxy-path",
    "userns-remap",
    "nri-opts",
];

/// Keys that were there once, and the first release without them.
const REMOVED: [(&str, u64); 5] = [
    ("api-cors-header", 28),
    ("cluster-advertise", 23),
    ("cluster-store", 23),
    ("cluster-store-opts", 23),
    ("deprecated-key-path", 25),
];

/// Keys that came later, and the first release with them.
const ADDED: [(&str, u64); 8] = [
    ("allow-direct-routing", 28),
    ("bip6", 28),
    ("default-network-opts", 24),
    ("firewall-backend", 28),
    ("host-gateway-ips", 28),
    ("ip-forward-no-drop", 28),
    ("min-api-version", 25),
    ("proxies", 23),
];

fn valid(ask: &Ask<'_>) -> Verdict {
    if ask.provider() == Provider::Podman {
        return skip("Podman has other configuration files");
    }
    let release = ask.engine()?;
    let map = match ask.daemon_json()? {
        None => return Ok(pass("there is no daemon.json")),
        Some(Value::Object(map)) => map,
        Some(_) => {
            return Ok(fail(
                "daemon.json is not a JSON object: the engine will not start again",
            ));
        }
    };
    let arguments = ask.daemon_arguments()?;
    let problem = unknown_keys(map, release.major)
        .or_else(|| twice(map, arguments))
        .or_else(|| refused(map, arguments, release.major));
    Ok(match problem {
        Some(problem) => fail(format!("{problem}: the engine will not start again")),
        None => pass(format!("daemon.json sets {} keys, all known", map.len())),
    })
}

fn unknown_keys(map: &Map<String, Value>, release: u64) -> Option<String> {
    let gone = |key: &str| {
        REMOVED
            .iter()
            .any(|(name, first)| *name == key && release >= *first)
    };
    let not_yet = |key: &str| {
        ADDED
            .iter()
            .any(|(name, first)| *name == key && release < *first)
    };
    let wrong = map
        .keys()
        .find(|key| !KEYS.contains(&key.as_str()) || gone(key) || not_yet(key))?;
    Some(format!(
        "daemon.json has the key `{wrong}`, which Docker {release} does not know"
    ))
}

fn twice(map: &Map<String, Value>, arguments: &[String]) -> Option<String> {
    let mut flags: BTreeSet<&str> = daemon::flag_names(arguments).collect();
    if arguments.iter().any(|argument| argument.starts_with("-H")) {
        flags.insert("host");
    }
    let key = map.keys().find(|key| flags.contains(flag_of(key)))?;
    Some(format!(
        "`{key}` is set in daemon.json and as an argument of dockerd"
    ))
}

fn refused(map: &Map<String, Value>, arguments: &[String], release: u64) -> Option<String> {
    let on = |key: &str| {
        map.get(key) == Some(&Value::Bool(true)) || daemon::flag(arguments, key).contains(&"true")
    };
    let set = |key: &str| map.contains_key(key) || !daemon::flag(arguments, key).is_empty();
    if release < 27 && on("ip6tables") && !on("experimental") {
        return Some(format!(
            "`ip6tables` needs `experimental` on Docker {release}"
        ));
    }
    if release < 28 && on("ipv6") && !set("fixed-cidr-v6") {
        return Some(format!("`ipv6` needs `fixed-cidr-v6` on Docker {release}"));
    }
    None
}
