use super::*;
use crate::doctor::{Profile, Request, Target};

/// A Linux host with little wrong but what a test says.
const BASE: &str = r#"
host:
  os: linux
  env: {HOME: /home/dev}
  files: {/proc/1/comm: "systemd\n", /etc/hosts: "127.0.0.1 localhost\n"}
  sysctl:
    net.ipv6.conf.all.disable_ipv6: 0
    net.ipv6.conf.uplink.accept_ra: 1
    fs.inotify.max_user_instances: 128
    fs.inotify.max_user_watches: 600000
  modules: {dir_for_running_kernel: true, loadable: [ip6_tables], loaded: [ip6table_nat]}
  view:
    uplink6: eth0.7
    mtu: {eth0.7: 1420}
    routes6: [{dst: default, dev: eth0.7, via: fe80::1, kernel_ra: true}]
    systemd: 252
docker:
  ping: ok
  version: {Version: 26.1.0}
  daemon_json: {userland-proxy: false, dns: [127.0.0.1, 2001:db8::53]}
  daemon_json_path: /etc/docker/daemon.json
  dockerd_args: [-H, "fd://"]
  networks:
    - {Name: kind, Id: one, Driver: bridge, Containers: 0}
    - {Name: kind, Id: two, Driver: bridge, Containers: 1}
"#;

fn facts(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts: Facts = serde_yaml::from_str(BASE).unwrap();
    change(&mut facts);
    facts
}

fn repaired(id: &str, facts: &Facts) -> Vec<String> {
    let request = Request::new(Target::Gardener, Profile::Ipv6);
    let report = crate::doctor::run(facts, &request).unwrap();
    let mut item = report.item(id).unwrap().clone();
    item.status = Status::Warn;
    proposal(facts, &item).map_or_else(Vec::new, |proposal| proposal.commands())
}

#[test]
fn forwarding_comes_after_telling_the_uplink_to_go_on_listening() {
    let commands = repaired("ipv6-forwarding-all", &facts(|_| {}));
    assert_eq!(commands[0], "sysctl -w net/ipv6/conf/eth0.7/accept_ra=2");
    assert!(
        commands
            .iter()
            .any(|line| line == "sysctl -w net.ipv6.conf.all.forwarding=1")
    );
    let manual = facts(|facts| facts.host.view.routes6 = Vec::new().into());
    assert_eq!(
        repaired("ipv6-forwarding-all", &manual)[0],
        "sysctl -w net.ipv6.conf.all.forwarding=1"
    );
}

#[test]
fn a_limit_that_is_high_enough_is_left_alone() {
    let commands = repaired("inotify-instances", &facts(|_| {}));
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert_eq!(commands[0], "sysctl -w fs.inotify.max_user_instances=8192");
}

#[test]
fn an_unknown_uplink_is_no_uplink_to_change() {
    let lost = facts(|facts| facts.host.view.uplink6 = crate::doctor::Fact::Absent);
    assert!(repaired("ipv6-accept-ra-forwarding", &lost).is_empty());
}

#[test]
fn only_modules_that_can_be_loaded_are() {
    assert_eq!(
        repaired("kmod-ip6-tables", &facts(|_| {}))[0],
        "modprobe ip6_tables"
    );
    assert!(repaired("kmod-ip6table-nat", &facts(|_| {})).is_empty());
}

#[test]
fn networks_with_containers_stay() {
    assert_eq!(
        repaired("kind-network-duplicate", &facts(|_| {})),
        ["docker network rm kind"]
    );
    assert!(repaired("kind-network-ipv6", &facts(|_| {})).is_empty());
}

#[test]
fn the_engines_file_is_changed_only_where_the_file_decides() {
    let commands = repaired("docker-userland-proxy", &facts(|_| {}));
    assert!(
        commands
            .iter()
            .any(|line| line == "remove \"userland-proxy\" from /etc/docker/daemon.json"),
        "{commands:?}"
    );
    assert_eq!(commands.last().unwrap(), "systemctl restart docker");
    let flagged = facts(|facts| {
        facts.docker.dockerd_args = vec!["--userland-proxy=false".to_owned()].into();
    });
    assert!(repaired("docker-userland-proxy", &flagged).is_empty());
    let old = repaired("docker-ip6tables", &facts(|_| {}));
    assert!(
        old.iter()
            .any(|line| line.contains("set \"experimental\": true")),
        "{old:?}"
    );
    let dns = repaired("docker-daemon-dns", &facts(|_| {}));
    assert!(
        dns.iter()
            .any(|line| line.contains("remove \"127.0.0.1\" from the list \"dns\"")),
        "{dns:?}"
    );
}

#[test]
fn nothing_is_proposed_for_an_engine_elsewhere() {
    let elsewhere = facts(|facts| facts.engine = EngineMachine::NoShell);
    let request = Request::new(Target::Kind, Profile::Ipv6);
    let report = crate::doctor::run(&elsewhere, &request).unwrap();
    assert!(proposals(&elsewhere, &report, &[]).is_empty());
}

#[test]
fn restarts_need_permission_and_come_last() {
    let proposal = |class| Proposal {
        repair: Repair {
            check: "x".to_owned(),
            actions: Vec::new(),
        },
        class,
        notes: Vec::new(),
        pending: None,
    };
    for (class, harmless, allowed) in [
        (FixClass::Safe, true, true),
        (FixClass::Root, true, true),
        (FixClass::Restart, false, true),
        (FixClass::Reboot, false, false),
        (FixClass::Manual, false, false),
        (FixClass::None, false, false),
    ] {
        assert_eq!(
            proposal(class).is_allowed(Restarts::Harmless),
            harmless,
            "{class:?}"
        );
        assert_eq!(
            proposal(class).is_allowed(Restarts::Allowed),
            allowed,
            "{class:?}"
        );
    }
}
