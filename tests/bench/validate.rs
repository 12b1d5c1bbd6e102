//! How long the rules take for many Shoots in one process. Never a test.
//!
//!     cargo bench --bench validate [-- COUNT]
//!
//! Every Shoot is another one: valid and invalid, of every combination of families, with few and
//! with many fields that the rules do not look at. Each figure is the best of three runs.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use garden6::{
    api::{
        gates::ApiProfile,
        validation::{Layer, Review, Rules},
    },
    stack::admission::{self, Operation, Request},
    yaml,
};
use serde_json::{Value, json};

/// The goal for so many Shoots, from JSON to a verdict.
const GOAL: Duration = Duration::from_secs(1);
const COUNT: u32 = 10_000;
const RUNS: usize = 3;

fn main() {
    // `cargo bench` passes arguments that mean nothing here.
    let count: u32 = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(COUNT);
    let shoots: Vec<Value> = (0..count).map(shoot).collect();
    let texts: Vec<String> = shoots.iter().map(yaml::emit).collect();
    let json: Vec<Vec<u8>> = shoots
        .iter()
        .map(|shoot| serde_json::to_vec(shoot).expect("a value has a JSON form"))
        .collect();
    let bytes: usize = json.iter().map(Vec::len).sum();
    println!(
        "{count} Shoots, {} bytes of JSON each",
        bytes / json.len().max(1)
    );

    let reading = best(&texts, |text| read_yaml(text));
    println!("YAML to values: {}", per(reading, count));
    let decoding = best(&json, |bytes| read_json(bytes));
    println!("JSON to values: {}", per(decoding, count));

    for profile in [ApiProfile::Gep21, ApiProfile::Upstream] {
        let rules = Rules {
            profile,
            ..Rules::default()
        };
        println!("rules of {profile}:");
        let defaulting = best(&shoots, |shoot| default(shoot, &rules));
        println!("  defaults: {}", per(defaulting, count));
        let layer = best(&shoots, |shoot| statically(shoot, &rules));
        println!("  static rules alone: {}", per(layer, count));
        let validating = best(&shoots, |shoot| validate(shoot, &rules));
        println!("  rules of all layers: {}", per(validating, count));
        let all = best(&json, |bytes| review(&read_json(bytes), &rules));
        let refused = shoots.iter().filter(|shoot| !review(shoot, &rules)).count();
        let goal = GOAL.mul_f64(f64::from(count) / f64::from(COUNT));
        println!(
            "  JSON to verdict: {}, {refused} refused (goal {:.2} s: {:.2} of it)",
            per(all, count),
            goal.as_secs_f64(),
            all.as_secs_f64() / goal.as_secs_f64()
        );
        let text = reading + all.saturating_sub(decoding);
        println!(
            "  YAML to verdict: {} ({:.2} of the goal)",
            per(text, count),
            text.as_secs_f64() / goal.as_secs_f64()
        );
    }
}

/// How long the work on all items takes, the shortest of several runs.
fn best<T, R>(items: &[T], work: impl Fn(&T) -> R) -> Duration {
    let run = || {
        let started = Instant::now();
        for item in items {
            drop(black_box(work(item)));
        }
        started.elapsed()
    };
    std::iter::repeat_with(run)
        .take(RUNS)
        .min()
        .unwrap_or_default()
}

fn per(time: Duration, count: u32) -> String {
    let each = time / count.max(1);
    format!(
        "{:.3} s ({:.1} µs each)",
        time.as_secs_f64(),
        each.as_secs_f64() * 1e6
    )
}

fn read_yaml(text: &str) -> Value {
    yaml::parse(text, "shoot").expect("own output is YAML")
}

fn read_json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("own output is JSON")
}

const fn request(object: &Value) -> Request<'_> {
    Request {
        operation: Operation::Create,
        subresource: None,
        object,
        old: None,
    }
}

fn default(shoot: &Value, rules: &Rules) -> bool {
    admission::default(&request(shoot), None, rules, || [1; 5]).is_ok()
}

fn validate(shoot: &Value, rules: &Rules) -> bool {
    admission::validate(&request(shoot), None, rules).is_ok()
}

fn review(shoot: &Value, rules: &Rules) -> bool {
    admission::review(&request(shoot), None, rules, || [1; 5]).is_ok()
}

fn statically(shoot: &Value, rules: &Rules) -> usize {
    let review = Review {
        new: shoot,
        old: None,
        seed: None,
        rules,
    };
    review.run(Layer::Static).map_or(0, |errors| errors.len())
}

/// The Shoot of a number, each another one. A third is wrong by both rule sets.
fn shoot(number: u32) -> Value {
    let (high, low) = (number / 256, number % 256);
    let (ipv6, ipv4) = (
        format!("fd00:10:1:1{low:02x}::/64"),
        format!("10.0.{low}.0/24"),
    );
    let mut networking = match number % 4 {
        0 => json!({"ipFamilies": ["IPv6"], "nodes": ipv6}),
        1 => json!({
            "ipFamilies": ["IPv6"], "nodes": ipv6,
            "pods": format!("2001:db8:{number:x}::/48"),
            "services": format!("fd01:{number:x}::/112"),
        }),
        2 => json!({
            "ipFamilies": ["IPv4"], "nodes": ipv4,
            "pods": format!("100.{}.0.0/16", 64 + low % 64), "services": format!("172.16.{low}.0/24"),
        }),
        // Only one of the rule sets takes two families.
        _ => json!({"ipFamilies": ["IPv4", "IPv6"], "nodes": ipv4}),
    };
    networking["type"] = "calico".into();
    networking["providerConfig"] = json!({
        "apiVersion": "calico.networking.extensions.gardener.cloud/v1alpha1",
        "kind": "NetworkConfig", "ipv6": {"sourceNATEnabled": true},
    });
    match number % 9 {
        0 => networking["pods"] = format!("2001:db8::{number:x}/48").into(),
        3 => networking["ipFamilies"] = json!(["IPv6", "IPv6", format!("IPv{number}")]),
        6 => networking["services"] = format!("10.0.{low}.{high}").into(),
        _ => {}
    }
    let pools: Vec<Value> = (0..=number % 3)
        .map(|pool| {
            json!({
                "name": format!("pool-{pool}"), "minimum": 1, "maximum": 2 + pool,
                "maxSurge": 1, "maxUnavailable": 0, "zones": ["a"],
                "machine": {
                    "type": "local", "architecture": "amd64",
                    "image": {"name": "local", "version": "1.0.0"},
                },
                "cri": {"name": "containerd"},
                "volume": {"type": "ssd", "size": "50Gi"},
                "kubernetes": {"kubelet": {"maxPods": 50 + number % 100}},
            })
        })
        .collect();
    json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {
            "name": format!("s{number:05}"), "namespace": "garden-local",
            "labels": {"number": number.to_string()},
            "annotations": {"shoot.gardener.cloud/cloud-config-execution-max-delay-seconds": "0"},
        },
        "spec": {
            "cloudProfile": {"kind": "CloudProfile", "name": "local"},
            "credentialsBindingName": "local", "region": "local", "purpose": "evaluation",
            "networking": networking,
            "provider": {"type": "local", "workers": pools},
            "kubernetes": {
                "version": "1.31.1",
                "kubeAPIServer": {"requests": {"maxMutatingInflight": 200}, "eventTTL": "1h0m0s"},
                "kubelet": {"serializeImagePulls": false, "registryPullQPS": 10},
            },
            "hibernation": {"enabled": false},
            "maintenance": {"timeWindow": {"begin": "220000+0100", "end": "230000+0100"}},
        },
    })
}
