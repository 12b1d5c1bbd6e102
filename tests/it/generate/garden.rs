//! Manifests that admission takes.

use garden6::{
    api::{
        core::{Seed, Shoot},
        extensions::Network,
        gates::ApiProfile,
        validation::Rules,
    },
    config::{BackendKind, EnvironmentRequest},
    generate::{Plan, PlanSettings, Templates, garden},
    yaml,
};
use serde_json::Value;

use super::command::{generate, stderr, stdout};

const FAMILIES: [&str; 4] = ["ipv6", "ipv6,ipv4", "ipv4,ipv6", "ipv4"];
const RULES: [(&str, &str); 3] = [("gep21", ""), ("gep21", "DualStack=true"), ("upstream", "")];

#[test]
fn admission_of_every_profile_takes_the_manifests_of_every_family() {
    for families in FAMILIES {
        for (profile, gates) in RULES {
            for what in ["shoot", "seed", "network"] {
                let output = generate(&[
                    what,
                    "--ip-family",
                    families,
                    "--api-profile",
                    profile,
                    "--feature-gates",
                    gates,
                ]);
                let case = format!("{what} {families} {profile} {gates}: {}", stderr(&output));
                assert!(output.status.success(), "{case}");
                let expresses_all = profile == "upstream" || !gates.is_empty();
                let warned = stderr(&output).contains("knows no dual-stack");
                assert_eq!(warned, families.contains(',') && !expresses_all, "{case}");
                let object: Value = yaml::parse(&stdout(&output), what).expect("it is YAML");
                let pointer = match what {
                    "network" => "/spec/ipFamilies",
                    "seed" => "/spec/networks/ipFamilies",
                    _ => "/spec/networking/ipFamilies",
                };
                let listed = object
                    .pointer(pointer)
                    .and_then(Value::as_array)
                    .map(Vec::len);
                let expected = if families.contains(',') && expresses_all {
                    2
                } else {
                    1
                };
                assert_eq!(listed, Some(expected), "{case}");
            }
        }
    }
}

#[test]
fn what_a_profile_refuses_is_told_before_anything_is_written() {
    let output = generate(&[
        "shoot",
        "--pod-subnet",
        "fd00:99::/48",
        "--api-profile",
        "upstream",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    assert!(
        stderr(&output).contains("spec.networking.nodes"),
        "{}",
        stderr(&output)
    );
    let closed = generate(&["shoot", "--feature-gates", "IPv6SingleStack=false"]);
    assert_eq!(closed.status.code(), Some(2), "{}", stderr(&closed));
}

#[test]
fn manifests_are_of_their_types_and_carry_the_ranges_of_the_plan() {
    let request = EnvironmentRequest {
        families: Some("dual".parse().expect("families")),
        ..EnvironmentRequest::default()
    };
    let environment = request.resolve(BackendKind::Kind).expect("an environment");
    let plan = Plan::new(environment, PlanSettings::default()).expect("a plan");
    let rules = Rules {
        profile: ApiProfile::Gep21,
        gates: "DualStack=true".parse().expect("gates"),
    };
    let templates = Templates::embedded();
    let text = garden::shoot(&plan, &rules, templates).expect("a Shoot");
    let shoot: Shoot = yaml::parse(&text, "shoot").expect("it fits the type");
    let networking = shoot.spec.networking.expect("it has networks");
    assert_eq!(networking.pods_cidrs, ["fd00:10:3::/56", "10.3.0.0/16"]);
    assert_eq!(
        networking.nodes_cidrs,
        ["fd00:10:1:100::/56", "10.0.0.0/16"]
    );

    let text = garden::seed_manifest(&plan, &rules, templates).expect("a Seed");
    let read: Seed = yaml::parse(&text, "seed").expect("it fits the type");
    let families = plan.environment.plan.families;
    let zones = plan.zone_names();
    let seed = garden::seed(
        &plan.environment.plan,
        families,
        garden::INTERNAL_DOMAIN,
        &zones,
    );
    assert_eq!(read, seed);

    let text = garden::network(&plan, &rules, templates).expect("a Network");
    let network: Network = yaml::parse(&text, "network").expect("it fits the type");
    assert_eq!(network.spec.pod_cidr, "fd00:10:3::/56");
    assert_eq!(network.spec.ip_families, ["IPv6", "IPv4"]);
}

#[test]
fn policies_name_blocks_of_both_families() {
    let policies = stdout(&generate(&["policies"]));
    for block in [
        "\"::/0\"",
        "0.0.0.0/0",
        "\"fc00::/7\"",
        "\"fd00:10:2::a/128\"",
        "\"fd00:10::/64\"",
    ] {
        assert!(policies.contains(block), "{block} is missing in {policies}");
    }
    let fixed = stdout(&generate(&[
        "policies",
        "--api-server",
        "[fd00:10::2]:6443",
    ]));
    assert!(fixed.contains("\"fd00:10::2/128\""), "{fixed}");
}

#[test]
fn machines_forward_packets_of_both_families() {
    let text = stdout(&generate(&["operating-system", "--ip-family", "ipv4"]));
    for setting in [
        "net.ipv4.conf.all.forwarding = 1",
        "net.ipv6.conf.all.forwarding = 1",
    ] {
        assert!(text.contains(setting), "{text}");
    }
}
