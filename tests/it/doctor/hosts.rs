//! Changes of a host, and what they must and must not change in its findings.

use garden6::doctor::{self, Fact, Facts, Profile, Request, Status, Target, facts::hosts};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::corpus;

fn run(facts: &Facts) -> doctor::Report {
    let request = Request::new(Target::Gardener, Profile::Ipv6);
    doctor::run(facts, &request).expect("all checks are asked for")
}

/// Places in a document that hold one answer each.
fn answers(facts: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let maps = ["files", "sysctl", "cmd", "view"];
    for machine in ["host", "engine"] {
        for map in maps {
            let keys = facts[machine][map].as_object().into_iter().flatten();
            found.extend(keys.map(|(key, _)| format!("{machine}|{map}|{key}")));
        }
        for field in ["modules", "services", "sysctl_at_boot", "workdir"] {
            if facts[machine].get(field).is_some() {
                found.push(format!("{machine}|{field}"));
            }
        }
    }
    let docker = facts["docker"].as_object().into_iter().flatten();
    found.extend(docker.map(|(key, _)| format!("docker|{key}")));
    found
}

fn replace(facts: &mut Value, place: &str, value: Value) {
    let parts: Vec<&str> = place.split('|').collect();
    let (last, path) = parts.split_last().expect("a place has a name");
    let mut at = facts;
    for part in path {
        at = &mut at[*part];
    }
    at[*last] = value;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_cannot_be_read_never_turns_a_pass_into_a_failure(
        host in any::<prop::sample::Index>(),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let (name, facts) = host.get(corpus::all());
        let before = run(facts);
        let mut document = serde_json::to_value(facts).unwrap();
        let answers = answers(&document);
        let mut gone = Vec::new();
        for place in &places {
            let place = place.get(&answers);
            replace(&mut document, place, json!({"err": "UNAVAILABLE", "reason": "taken away"}));
            gone.push(place.clone());
        }
        let changed: Facts = serde_json::from_value(document).unwrap();
        // Without an answer of the engine its reachability is what fails, as it should.
        prop_assume!(!gone.iter().any(|place| place == "docker|ping"));
        let after = run(&changed);
        for item in &after.items {
            let was = before.item(&item.id).expect("all checks are in both").status;
            prop_assert!(item.status != Status::Error, "{} without {:?}: {}", name, gone, item.summary);
            let worse = was == Status::Pass && item.status == Status::Fail;
            prop_assert!(!worse, "{} without {:?}: {} fails: {}", name, gone, item.id, item.summary);
        }
    }

    #[test]
    fn a_fact_that_was_not_recorded_is_never_taken_for_absent(
        host in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
    ) {
        let (name, facts) = host.get(corpus::all());
        let mut document = serde_json::to_value(facts).unwrap();
        let answers = answers(&document);
        let place = place.get(&answers);
        replace(&mut document, place, json!({"err": "NOT_RECORDED"}));
        let changed: Facts = serde_json::from_value(document).unwrap();
        for item in run(&changed).items {
            if item.status == Status::Error {
                let names_both = item.summary.contains(&item.id) && item.summary.contains("not recorded");
                prop_assert!(names_both, "{} without {}: {}", name, place, item.summary);
            }
        }
    }
}

#[test]
fn a_missing_record_ends_exactly_the_checks_that_ask_for_it() {
    let mut facts = corpus::host("ubuntu-2404-docker-28-reference");
    facts.host.sysctl.remove("fs.inotify.max_user_watches");
    let report = run(&facts);
    let broken: Vec<&str> = report
        .items
        .iter()
        .filter(|item| item.status == Status::Error)
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(broken, ["inotify-watches"]);
    let summary = &report.item("inotify-watches").unwrap().summary;
    assert!(summary.contains("fs.inotify.max_user_watches"), "{summary}");
}

/// What changes in the findings when one thing of the reference host changes.
fn effect(change: impl FnOnce(&mut Facts)) -> Vec<String> {
    let request = Request::new(Target::Kind, Profile::Ipv6);
    let mut facts = corpus::host("ubuntu-2404-docker-28-reference");
    let before = doctor::run(&facts, &request).expect("the request names known checks");
    change(&mut facts);
    let after = doctor::run(&facts, &request).expect("the request names known checks");
    let mut changed: Vec<String> = after
        .items
        .iter()
        .filter(|item| {
            before
                .item(&item.id)
                .expect("the request names known checks")
                .status
                != item.status
        })
        .map(|item| format!("{} {}", item.id, item.status))
        .collect();
    changed.sort();
    changed
}

#[test]
fn one_change_of_the_host_changes_exactly_what_depends_on_it() {
    let sysctl = |key: &'static str, value: i64| {
        move |facts: &mut Facts| {
            facts
                .host
                .sysctl
                .insert(key.to_owned(), Fact::Known(value.into()));
        }
    };
    assert_eq!(
        effect(sysctl("net.ipv6.conf.all.disable_ipv6", 1)),
        ["ipv6-disable-all fail"]
    );
    assert_eq!(
        effect(sysctl("fs.inotify.max_user_instances", 512)),
        [""; 0]
    );
    assert_eq!(
        effect(sysctl("fs.inotify.max_user_instances", 511)),
        ["inotify-instances warn"]
    );
    assert_eq!(
        effect(sysctl("net.ipv6.bindv6only", 1)),
        ["ipv6-bindv6only warn"]
    );
    assert_eq!(
        effect(|facts| drop(
            facts
                .host
                .files
                .insert("/etc/hosts".to_owned(), Fact::Known(String::new()))
        )),
        ["hosts-localhost-v6 warn"]
    );
    assert_eq!(
        effect(|facts| facts.docker.daemon_json = Fact::Known(json!("{ not json"))),
        ["docker-daemon-json-valid fail"]
    );
    assert_eq!(
        effect(|facts| facts.docker.daemon_json = Fact::Known(json!({"hosts": ["fd://"]}))),
        ["docker-daemon-json-valid fail"]
    );
}

#[test]
fn a_dead_socket_is_one_failure_and_no_cascade() {
    for (errno, status) in [
        ("ENOENT", Status::Fail),
        ("ECONNREFUSED", Status::Fail),
        ("ETIMEDOUT", Status::Fail),
        ("EACCES", Status::Skip),
    ] {
        let mut facts = corpus::host("ubuntu-2404-docker-28-reference");
        facts.docker.ping = Fact::Known(errno.to_owned().into());
        let request = Request::new(Target::Kind, Profile::Ipv6);
        let report = doctor::run(&facts, &request).unwrap();
        assert_eq!(
            report.item("docker-socket-reachable").unwrap().status,
            status,
            "{errno}"
        );
        let fails: Vec<_> = report.failures().map(|item| item.id.as_str()).collect();
        assert_eq!(fails.len(), 1, "{errno}: {fails:?}");
        let root = report.item(fails[0]).unwrap();
        assert!(root.causes.len() > 20, "{errno}: {:?}", root.causes);
    }
}

#[test]
fn a_newer_engine_is_never_worse() {
    let request = Request::new(Target::Kind, Profile::Ipv6);
    let mut facts = corpus::host("ubuntu-2404-docker-28-reference");
    let mut set = |version: &str| {
        if let Fact::Known(known) = &mut facts.docker.version {
            known.version = version.to_owned();
            known.components.clear();
        }
        doctor::run(&facts, &request).unwrap()
    };
    let (old, new) = (set("26.1.4"), set("27.0.1"));
    for item in &new.items {
        assert!(
            item.status <= old.item(&item.id).unwrap().status,
            "{} got worse",
            item.id
        );
    }
}

#[test]
fn a_snapshot_gives_the_same_report_after_it_was_written_and_read() {
    for (name, facts) in corpus::all() {
        let text = serde_yaml::to_string(facts).unwrap();
        let read = hosts::read(&text, None).unwrap();
        assert_eq!(run(&read), run(facts), "{name}");
    }
}
