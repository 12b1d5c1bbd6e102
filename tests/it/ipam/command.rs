//! `garden6 ipam` as a user types it, with the examples of metal-stack's dual-stack proposal.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

/// The private super network of the proposal.
const SUPER: &str = "\
id: tenant-super-network-mini-lab
name: Project Super Network
description: Super network of all project networks
partitionid: mini-lab
prefixes:
- 10.0.0.0/16
- 2001:db8:0:10::/64
defaultchildprefixlength:
  IPv4: 22
  IPv6: 96
privatesuper: true
---
id: internet-mini-lab
name: Internet Network
prefixes:
- 203.0.113.128/25
- 2001:db8:0:113::/64
destinationprefixes:
- 0.0.0.0/0
- \"::/0\"
nat: true
vrf: 104009
";

struct Ipam(tempfile::TempDir);

impl Ipam {
    fn new() -> Self {
        let ipam = Self(tempfile::tempdir().expect("a folder"));
        let file = ipam.write("networks.yaml", SUPER);
        ipam.json(&["network", "create", "-f", &file]);
        ipam
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("the file can be written");
        path.display().to_string()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "standard output and standard error are looked at apart, whatever the exit code"
    )]
    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_garden6"))
            .args(["--state-dir", &self.path().display().to_string(), "ipam"])
            .args(words)
            .output()
            .expect("the program runs")
    }

    fn text(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}");
        String::from_utf8(output.stdout).expect("it is text")
    }

    fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["-o", "json"]).collect();
        serde_json::from_str(&self.text(&words)).expect("it is JSON")
    }

    /// The exit code and what is said about a refusal.
    fn refused(&self, words: &[&str]) -> (Option<i32>, String) {
        let output = self.run(words);
        assert!(output.stdout.is_empty(), "{words:?}");
        let errors = String::from_utf8(output.stderr).expect("it is text");
        (output.status.code(), errors)
    }
}

const ALLOCATE: [&str; 6] = [
    "network",
    "allocate",
    "--partition",
    "mini-lab",
    "--project",
    "a",
];

#[test]
fn a_project_network_and_its_addresses_come_out_as_the_proposal_shows() {
    let ipam = Ipam::new();
    let network = ipam.json(&[&ALLOCATE[..], &["--id", "n1", "--name", "db"]].concat());
    assert_eq!(
        network["prefixes"],
        json!(["10.0.0.0/22", "2001:db8:0:10::/96"])
    );
    assert_eq!(
        network["consumption"],
        json!({
            "ipv4": {"available_ips": 1024, "used_ips": 2, "available_prefixes": 256, "used_prefixes": 0},
            "ipv6": {"available_ips": 2_147_483_647, "used_ips": 1, "available_prefixes": 1_073_741_824, "used_prefixes": 0},
        })
    );
    assert_eq!(network["parentnetworkid"], "tenant-super-network-mini-lab");
    let above = ipam.json(&["network", "describe", "tenant-super-network-mini-lab"]);
    assert_eq!(above["consumption"]["ipv4"]["available_prefixes"], 16128);
    assert_eq!(above["consumption"]["ipv4"]["used_prefixes"], 1);
    assert_eq!(
        above["defaultchildprefixlength"],
        json!({"IPv4": 22, "IPv6": 96})
    );

    let create = ["ip", "create", "--network", "n1", "--project", "a"];
    let v4 = ipam.json(&create);
    assert_eq!(v4["ipaddress"], "10.0.0.1");
    assert_eq!(v4["type"], "ephemeral");
    let v6 = ipam.json(&[&create[..], &["--addressfamily", "IPv6"]].concat());
    assert_eq!(v6["ipaddress"], "2001:db8:0:10::1");
    ipam.text(&["ip", "delete", "2001:0db8:0:10:0::1"]);
    let listed = ipam.json(&["ip", "list", "--network", "n1"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[test]
fn lengths_and_families_can_be_chosen() {
    let ipam = Ipam::new();
    let chosen = ipam.json(&[&ALLOCATE[..], &["--length", "IPv4=29"]].concat());
    assert_eq!(
        chosen["prefixes"],
        json!(["10.0.0.0/29", "2001:db8:0:10::/96"])
    );
    let only = ["--addressfamily", "ipv6", "--length", "IPv6=80"];
    let only = ipam.json(&[&ALLOCATE[..], &only].concat());
    assert_eq!(only["prefixes"], json!(["2001:db8:0:10:1::/80"]));
}

#[test]
fn lists_are_tables_with_children_below_their_super_network() {
    let ipam = Ipam::new();
    ipam.json(&[&ALLOCATE[..], &["--id", "n1"]].concat());
    ipam.json(&[&ALLOCATE[..], &["--id", "n2"]].concat());
    ipam.json(&[
        "ip",
        "create",
        "--network",
        "internet-mini-lab",
        "--project",
        "a",
        "--name",
        "gateway",
        "--type",
        "static",
    ]);
    insta::assert_snapshot!("ipam_networks", ipam.text(&["network", "list"]));
    insta::assert_snapshot!("ipam_network", ipam.text(&["network", "describe", "n2"]));
    insta::assert_snapshot!("ipam_addresses", ipam.text(&["ip", "ls"]));
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_place() {
    let ipam = Ipam::new();
    for (text, expected) in [
        (
            "id: x\nprefixes:\n- 10.1.0.0/16\n- 2001:db8::/129\n",
            ":4:3: prefixes[1]: given cidr 2001:db8::/129 is not a valid ip with mask",
        ),
        (
            "id: x\nprefixes: [10.1.0.0/16]\nnatt: true\n",
            ":3:1: unknown field `natt`",
        ),
        (
            "id: x\nprefixes: [10.1.0.0/16]\nid: y\n",
            ":3:1: id: is given twice",
        ),
        (
            "id: x\npartitionid: p2\nprivatesuper: true\nprefixes: [\"2001:db8:1::/64\"]\ndefaultchildprefixlength:\n  IPv4: 22\n",
            ":5:1: defaultchildprefixlength: private super network must always contain a defaultchildprefixlength per addressfamily:IPv6",
        ),
    ] {
        let file = ipam.write("bad.yaml", text);
        let (code, said) = ipam.refused(&["network", "create", "-f", &file]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(&format!("{file}{expected}")), "{said}");
    }
}

#[test]
fn a_file_is_carried_out_as_a_whole_or_not_at_all() {
    let ipam = Ipam::new();
    let file = ipam.write(
        "two.yaml",
        "id: good\nprefixes: [192.0.2.0/24]\n---\nid: bad\nprefixes: [10.0.7.0/24]\n",
    );
    let (code, said) = ipam.refused(&["network", "create", "-f", &file]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("two.yaml:5:1: prefixes: 10.0.7.0/24 overlaps 10.0.0.0/16"),
        "{said}"
    );
    assert_eq!(
        ipam.json(&["network", "list"]).as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn refusals_say_what_to_do() {
    let ipam = Ipam::new();
    ipam.json(&[&ALLOCATE[..], &["--id", "n1"]].concat());
    ipam.json(&["ip", "create", "--network", "n1", "--project", "a"]);
    for (words, code, expected) in [
        (
            &["network", "delete", "tenant-super-network-mini-lab"][..],
            1,
            "delete the networks that were allocated from it first",
        ),
        (
            &["network", "delete", "n1"],
            1,
            "prefix 10.0.0.0/22 has ip 10.0.0.1 in use",
        ),
        (
            &["network", "describe", "n3"],
            1,
            "`garden6 ipam network list` shows all networks",
        ),
        (
            &["ip", "create", "--network", "n1", "--project", "b"],
            1,
            "network belongs to \"a\"",
        ),
        (
            &["network", "allocate", "--partition", "p9", "--project", "a"],
            1,
            "create one with `privatesuper: true`",
        ),
        (
            &[
                "network",
                "create",
                "--prefixes",
                "10.9.0.0/24",
                "--underlay",
                "--nat",
            ],
            2,
            "not supposed to NAT",
        ),
    ] {
        let (found, said) = ipam.refused(words);
        assert_eq!(found, Some(code), "{words:?}: {said}");
        assert!(said.contains(expected), "{words:?}: {said}");
    }
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let ipam = Ipam::new();
    let path = ipam.path().join("ipam/addresses.log");
    let mut content = std::fs::read(&path).unwrap();
    content[40] ^= 1;
    std::fs::write(&path, &content).unwrap();
    let (code, said) = ipam.refused(&["network", "list"]);
    assert_eq!(code, Some(3));
    assert!(said.contains("line 2 of the address log"), "{said}");
    assert!(said.contains("the file was left as it is"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), content);
}
