//! What people and machines get to see of one recorded host.

use std::time::Duration;

use super::*;
use crate::{
    doctor::{Facts, Profile, Report, Request, Target, fix::proposals},
    ui::Style,
};

/// A machine on which somebody switched IPv6 off and left a network of an older set-up behind.
const HOST: &str = include_str!("../../../../tests/doctor/hardened.yaml");

fn host() -> (Facts, Report) {
    let facts = crate::doctor::facts::hosts::read(HOST, None).unwrap();
    let request = Request::new(Target::Kind, Profile::Ipv6);
    let report = crate::doctor::run(&facts, &request).unwrap();
    (facts, report)
}

fn text(width: usize, verbose: bool) -> String {
    let (facts, found) = host();
    let look = Look {
        style: Style::new(false),
        width,
        verbose,
    };
    let proposals = proposals(&facts, &found, &[]);
    super::report(&found, &proposals, Some(Duration::from_millis(240)), look)
}

#[test]
fn people_see_what_is_wrong_and_what_to_do() {
    insta::assert_snapshot!("text_wide", text(100, false));
}

#[test]
fn narrow_terminals_get_shorter_lines() {
    let narrow = text(60, false);
    insta::assert_snapshot!("text_narrow", narrow);
}

#[test]
fn verbose_shows_what_is_good_and_what_was_read() {
    let verbose = text(100, true);
    assert!(verbose.contains("PASS"));
    assert!(verbose.contains("read    net.ipv6.conf.lo.disable_ipv6 = 1"));
}

#[test]
fn programs_get_json_that_comes_back_as_the_same_report() {
    let (_, report) = host();
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    let fail = report.item("ipv6-disable-lo").unwrap();
    insta::assert_json_snapshot!("json_item", fail);
}

#[test]
fn ci_systems_get_junit() {
    let (_, report) = host();
    let xml = junit(&report).unwrap();
    let suite = |name: &str| {
        let start = xml
            .find(&format!("<testsuite name=\"doctor.{name}\""))
            .unwrap();
        let end = xml[start..].find("</testsuite>").unwrap();
        xml[start..start + end].to_owned()
    };
    insta::assert_snapshot!("junit_sysctl", suite("sysctl"));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let (facts, found) = host();
    let proposals = proposals(&facts, &found, &[]);
    let of = |style| {
        let look = Look {
            style,
            width: 100,
            verbose: false,
        };
        super::report(&found, &proposals, None, look)
    };
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let coloured = of(Style::new(true));
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(escapes.replace_all(&coloured, ""), of(Style::new(false)));
}

#[test]
fn words_are_never_broken() {
    assert_eq!(wrapped("a bb ccc", 40, 2), "a bb ccc");
    assert_eq!(
        wrapped(
            "one /a/very/long/path/that/does/not/fit/anywhere two",
            30,
            2
        ),
        "one\n  /a/very/long/path/that/does/not/fit/anywhere\n  two"
    );
    assert_eq!(wrapped("", 10, 0), "");
}
