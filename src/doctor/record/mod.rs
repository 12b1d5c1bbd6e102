//! `--save-facts`: a snapshot that its owner can show to others.
//!
//! Everything that checks compare keeps its relation to everything else: a report about the
//! snapshot has the same outcomes as the one about the machine. Variables of containers, and files
//! that no check reads, are never in a snapshot.

mod addresses;
mod names;
mod secrets;

use serde_json::Value;

pub use addresses::Key;
pub use names::Identity;

use super::{
    Fact, Facts,
    facts::{EngineMachine, Machine},
};

/// What was done, in the words of the snapshot's own description.
const DONE: [&str; 7] = [
    "names of the user, the home folder and the machine are replaced",
    "names in /etc/hosts and search domains are replaced, comments are left out",
    "serial numbers of network cards are zero",
    "public addresses are mapped with a key that was forgotten; what overlapped still does",
    "passwords in proxies, settings and arguments are left out",
    "names of registries are hashed unless everybody knows them",
    "the kernel's command line, /proc/cpuinfo and /proc/self/status are cut to what checks read",
];

/// Parts of a document whose numbers look like addresses and are versions.
const VERSIONS: [&str; 4] = ["cmd", "version", "sysctl", "modules"];
/// Words of the kernel's command line that checks read, by their beginning.
const KERNEL_WORDS: [&str; 8] = [
    "ipv6.",
    "cgroup",
    "systemd.",
    "swapaccount",
    "apparmor",
    "selinux",
    "security",
    "lsm",
];

/// The snapshot without secrets.
///
/// # Errors
///
/// A defect: the document that comes out cannot be read as a snapshot.
pub fn redacted(facts: &Facts, identity: &Identity, key: Key) -> Result<Facts, serde_json::Error> {
    let mut facts = facts.clone();
    let user = identity.user.as_deref();
    hide_machine(&mut facts.host, user);
    if let EngineMachine::Own(machine) = &mut facts.engine {
        hide_machine(machine, user);
    }
    if let Fact::Known(info) = &mut facts.docker.info {
        if Some(info.name.as_str()) == identity.host.as_deref() {
            "host".clone_into(&mut info.name);
        }
        for name in &mut info.insecure_registries {
            *name = names::registry(name);
        }
        for proxy in [&mut info.http_proxy, &mut info.https_proxy] {
            *proxy = secrets::proxy(proxy);
        }
    }
    if let Fact::Known(config) = &mut facts.docker.daemon_json {
        secrets::hide_in(config);
        for list in ["insecure-registries", "registry-mirrors"] {
            for name in config[list].as_array_mut().into_iter().flatten() {
                if let Value::String(text) = name {
                    *text = names::registry(text);
                }
            }
        }
    }
    if let Fact::Known(arguments) = &mut facts.docker.dockerd_args {
        for argument in arguments {
            *argument = secrets::hide(argument);
        }
    }
    if let Some(meta) = &mut facts.meta {
        meta.redacted = DONE.iter().map(|text| (*text).to_owned()).collect();
    }
    let mut document = serde_json::to_value(&facts)?;
    walk(&mut document, identity, key);
    serde_json::from_value(document)
}

/// One machine without names and passwords.
fn hide_machine(machine: &mut Machine, user: Option<&str>) {
    for (path, fact) in &mut machine.files {
        if let Fact::Known(text) = fact {
            *text = file(path, text, user);
        }
    }
    if let Fact::Known(env) = &mut machine.env {
        for (name, value) in env.iter_mut() {
            if name.to_lowercase().ends_with("_proxy") {
                *value = secrets::proxy(value);
            }
            if name == "USER" && value != "root" {
                "user".clone_into(value);
            }
        }
    }
    if let Fact::Known(owner) = &mut machine.view.socket {
        for member in &mut owner.members {
            let name = if Some(member.as_str()) == user {
                "user"
            } else {
                "other"
            };
            name.clone_into(member);
        }
    }
    if let Fact::Known(own) = &mut machine.view.user {
        for group in &mut own.groups {
            if Some(group.as_str()) == user && user != Some("root") {
                "user".clone_into(group);
            }
        }
    }
}

/// A file cut to what checks read.
fn file(path: &str, text: &str, user: Option<&str>) -> String {
    match path {
        "/etc/hosts" => names::hosts_file(text),
        "/etc/resolv.conf" | "/run/systemd/resolve/resolv.conf" => names::resolv_conf(text),
        "/etc/subuid" | "/etc/subgid" => names::subids(text, user),
        "/proc/cmdline" => {
            let kept = |word: &&str| KERNEL_WORDS.iter().any(|start| word.starts_with(start));
            let words: Vec<&str> = text.split_whitespace().filter(kept).collect();
            format!("{}\n", words.join(" "))
        }
        // One processor is like the others.
        "/proc/cpuinfo" => lines_of(text, "flags"),
        "/proc/self/status" => lines_of(text, "Cap"),
        _ => text.to_owned(),
    }
}

fn lines_of(text: &str, start: &str) -> String {
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with(start))
        .collect();
    lines.dedup();
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

fn walk(value: &mut Value, identity: &Identity, addresses: Key) {
    match value {
        Value::String(text) => {
            *text = identity.hide(text);
            *text = addresses.hide(text);
        }
        Value::Array(list) => {
            for value in list {
                walk(value, identity, addresses);
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                let is_version = VERSIONS.contains(&name.as_str());
                if !is_version && name != "meta" && name != "KernelVersion" {
                    walk(value, identity, addresses);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a snapshot contains, one line per part, for the user to read before showing it to others.
pub fn contents(facts: &Facts) -> Vec<String> {
    let host = &facts.host;
    let counted = |count: usize, what: &str| format!("{count} {what}");
    let mut lines = vec![
        counted(host.files.len(), "files of the system, by path"),
        counted(host.sysctl.len(), "kernel settings"),
        counted(host.cmd.len(), "answers of programs about their version"),
        counted(
            host.env.known().map_or(0, std::collections::BTreeMap::len),
            "environment variables about proxies, Docker and CI",
        ),
        "routes, addresses, listening ports, limits and disk space".to_owned(),
    ];
    lines.push(match &facts.docker.info {
        Fact::Known(_) => "the engine's version, settings, networks and kind clusters".to_owned(),
        _ => "no answer of the engine".to_owned(),
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: &str = r#"
host:
  env: {HOME: /home/alice, USER: alice, HTTPS_PROXY: "http://alice:geheim@8.8.4.4:3128"}
  workdir: {path: /home/alice/src, fstype: ext4}
  files:
    /etc/hosts: "127.0.0.1 localhost\n10.9.8.7 build.corp.example\n"
    /proc/cmdline: "root=UUID=1234 ipv6.disable=1 ds=nocloud;s=http://x/\n"
    /proc/version: "Linux version 6.1.0.1 (builder@compiler)"
  view:
    addrs6: {eth0: ["2600:1f00:1:2:5054:ff:fe12:3456/64", "fe80::5054:ff:fe12:3456/64"]}
    routes6: [{dst: "2600:1f00:1:2::/64", dev: eth0}]
    user: {uid: 1000, groups: [alice, docker]}
    socket: {group: docker, members: [alice, bob], mode: 432}
  cmd: {wsl.exe --version: "WSL version: 2.6.1.0"}
docker:
  info: {Name: al-book, KernelVersion: 6.1.0.1, HttpProxy: "http://u:p@proxy:1"}
  daemon_json: {insecure-registries: ["registry.corp.example:5000"], log-opts: {splunk-token: abc}}
  dockerd_args: ["--log-opt=token=abc"]
"#;

    #[test]
    fn nothing_that_is_secret_is_left_and_everything_else_is() {
        let facts: Facts = serde_yaml::from_str(FACTS).unwrap();
        let identity = Identity {
            user: Some("alice".to_owned()),
            home: Some("/home/alice".to_owned()),
            host: Some("al-book".to_owned()),
        };
        let hidden = redacted(&facts, &identity, Key(*b"0123456789abcdef")).unwrap();
        let text = serde_yaml::to_string(&hidden).unwrap();
        for secret in [
            "alice",
            "geheim",
            "8.8.4.4",
            "corp",
            "2600:1f00",
            "12:3456",
            "abc",
            "u:p@",
            "al-book",
            "UUID",
            "bob",
            "nocloud",
        ] {
            assert!(!text.contains(secret), "{secret} is in\n{text}");
        }
        for kept in [
            "ipv6.disable=1",
            "2.6.1.0",
            "6.1.0.1",
            "/home/user/src",
            "10.9.8.7 name-1",
        ] {
            assert!(text.contains(kept), "{kept} is not in\n{text}");
        }
        let view = &hidden.host.view;
        let route = view.routes6.known().unwrap()[0].prefix().unwrap();
        let address = view.addrs6.known().unwrap()["eth0"][0].address;
        assert!(route.contains(address), "what overlapped still does");
        assert_eq!(view.socket.known().unwrap().members, ["user", "other"]);
    }

    #[test]
    fn what_is_missing_stays_missing_in_the_same_way() {
        let facts: Facts = serde_yaml::from_str(
            "host: {files: {/etc/hosts: null, /etc/gai.conf: {err: EACCES}}, view: {vpn: {err: UNAVAILABLE, reason: slow}}}",
        )
        .unwrap();
        let hidden = redacted(&facts, &Identity::default(), Key::random()).unwrap();
        assert_eq!(hidden, facts);
    }
}
