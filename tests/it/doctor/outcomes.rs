//! What a finding must have, whatever the host.

use garden6::doctor::{self, FixClass, Profile, Request, Status, Target, Threshold, catalogue};

use super::corpus;

fn every_report(mut look: impl FnMut(&str, &doctor::Report)) {
    for (name, facts) in corpus::all() {
        for target in Target::ALL {
            for profile in Profile::ALL {
                let request = Request::new(target, profile);
                let report = doctor::run(facts, &request).expect("all checks are asked for");
                look(&format!("{name} {target}/{profile}"), &report);
            }
        }
    }
}

#[test]
fn no_check_breaks_on_any_host_with_any_target() {
    every_report(|name, report| {
        let broken: Vec<_> = report
            .items
            .iter()
            .filter(|item| item.status == Status::Error)
            .map(|item| &item.summary)
            .collect();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    });
}

#[test]
fn ceilings_hold_and_whatever_is_wrong_has_a_remedy() {
    every_report(|name, report| {
        for item in &report.items {
            let id = &item.id;
            if let Some(ceiling) = item.ceiling.filter(|_| item.status != Status::Unknown) {
                assert!(
                    item.status <= ceiling.max(Status::Info),
                    "{name} {id} is above its ceiling"
                );
            }
            if matches!(item.status, Status::Warn | Status::Fail) {
                assert!(item.remedy.is_some(), "{name} {id} has no remedy");
                assert!(
                    !item.summary.is_empty() && !item.why.is_empty(),
                    "{name} {id}"
                );
                assert!(item.documentation.ends_with(id.as_str()), "{name} {id}");
            }
            if item.is_fixable() {
                assert!(
                    item.fix != FixClass::None && item.fix != FixClass::Manual,
                    "{name} {id}"
                );
            }
        }
    });
}

#[test]
fn roots_come_before_what_follows_from_them_and_worst_first() {
    every_report(|name, report| {
        let position = |id: &str| report.items.iter().position(|item| item.id == id);
        let mut worst = Status::Error;
        for item in &report.items {
            if let Some(cause) = &item.caused_by {
                let id = &item.id;
                assert!(
                    position(cause) < position(id),
                    "{name}: {id} stands before {cause}"
                );
                let root = report.item(cause).expect("the cause is in the report");
                assert!(
                    root.causes.contains(id),
                    "{name}: {cause} does not know {id}"
                );
            } else {
                assert!(item.status <= worst, "{name}: {} stands too late", item.id);
                worst = item.status;
            }
        }
    });
}

#[test]
fn a_modules_folder_that_is_gone_is_the_root_of_what_is_missing() {
    let facts = corpus::host("arch-kernel-not-rebooted");
    let report = doctor::run(&facts, &Request::new(Target::Kind, Profile::Ipv6)).unwrap();
    let root = report.item("kernel-modules-dir").unwrap();
    assert_eq!(root.status, Status::Fail);
    assert!(root.causes.len() >= 11, "{:?}", root.causes);
    assert_eq!(report.items[0].id, "kernel-modules-dir");
}

#[test]
fn counts_and_verdict_follow_from_the_items_and_thresholds_decide_the_exit() {
    every_report(|name, report| {
        let applicable = report.items.iter().filter(|item| item.applies()).count();
        assert_eq!(report.counts.values().sum::<usize>(), applicable, "{name}");
        let fails = report.count(Status::Fail) + report.count(Status::Error);
        assert_eq!(report.is_good(Threshold::Fail), fails == 0, "{name}");
        assert_eq!(report.overall == Status::Fail, fails > 0, "{name}");
        if report.is_good(Threshold::Unknown) {
            assert!(report.is_good(Threshold::Warn), "{name}");
        }
        if report.is_good(Threshold::Warn) {
            assert!(report.is_good(Threshold::Fail), "{name}");
        }
    });
}

#[test]
fn a_report_survives_the_way_through_json() {
    let facts = corpus::host("snap-docker-old-kernel");
    let report = doctor::run(&facts, &Request::new(Target::Gardener, Profile::Dual)).unwrap();
    let text = serde_json::to_string(&report).unwrap();
    let back: doctor::Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, report);
}

#[test]
fn what_the_user_switches_off_is_counted_as_skipped_with_the_reason() {
    let facts = corpus::host("snap-docker-old-kernel");
    let mut request = Request::new(Target::Kind, Profile::Ipv6);
    request
        .skips
        .insert("docker-mtu".to_owned(), "a tunnel of the lab".to_owned());
    let report = doctor::run(&facts, &request).unwrap();
    let item = report.item("docker-mtu").unwrap();
    assert_eq!(item.status, Status::Skip);
    assert_eq!(item.hidden, Some(Status::Fail));
    assert_eq!(item.summary, "switched off: a tunnel of the lab");
    request
        .skips
        .insert("docker-mut".to_owned(), "typo".to_owned());
    let refused = doctor::run(&facts, &request).unwrap_err();
    assert!(
        refused.to_string().contains("did you mean `docker-mtu`"),
        "{refused}"
    );
}

#[test]
fn every_check_passes_on_some_host_and_is_exercised_by_one() {
    let mut ran = std::collections::BTreeSet::new();
    let mut passed = std::collections::BTreeSet::new();
    every_report(|_, report| {
        for item in report.items.iter().filter(|item| item.applies()) {
            ran.insert(item.id.clone());
            if item.status == Status::Pass {
                passed.insert(item.id.clone());
            }
        }
    });
    for check in catalogue::all() {
        assert!(ran.contains(check.id), "no host exercises {}", check.id);
    }
    // These tell of something wherever they run at all, or need a fact that no host has.
    let never = ["privileged-containers", "vm-node-ip-reachability"];
    for id in ran.iter().filter(|id| !passed.contains(*id)) {
        assert!(never.contains(&id.as_str()), "{id} passes on no host");
    }
}
