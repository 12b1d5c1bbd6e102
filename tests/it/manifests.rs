//! Manifests of other projects go through the API types without loss.

use std::path::PathBuf;

use garden6::{
    api::{
        core::{Seed, Shoot},
        extensions::{DnsRecord, ExtensionObject as _, Network},
    },
    yaml,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Parses a manifest as `T` and asserts that writing it out again gives the same document.
fn round_trip<T: DeserializeOwned + Serialize>(text: &str, origin: &str) -> T {
    let documents = yaml::documents(text, origin).expect("the manifest is YAML");
    let [document] = documents.as_slice() else {
        panic!("{origin}: expected one document, found {}", documents.len())
    };
    let object: T = document.parse(origin).expect("the manifest fits the type");
    let again: Value = yaml::parse(&yaml::emit(&object), origin).expect("own output is YAML");
    assert_eq!(again, document.value, "{origin} lost something");
    object
}

const GEP_SHOOT: &str = r"
apiVersion: core.gardener.cloud/v1beta1
kind: Shoot
metadata:
  name: local
  namespace: garden-local
spec:
  networking:
    pods: 2001:db8:1::/48
    nodes: 2001:db8:2::/48
    services: 2001:db8:3::/48
    ipFamilies:
    - IPv6
";

const GEP_SEED: &str = r"
apiVersion: core.gardener.cloud/v1beta1
kind: Seed
metadata:
  name: local
spec:
  networks:
    nodes: 2001:db8:11::/48
    pods: 2001:db8:12::/48
    services: 2001:db8:13::/48
    shootDefaults:
      pods: 2001:db8:1::/48
      services: 2001:db8:3::/48
    blockCIDRs:
    - 169.254.169.254/32
    - fd00:ec2::254/128
    ipFamilies:
    - IPv6
  settings:
    scheduling:
      visible: true
";

const GEP_NETWORK: &str = r"
apiVersion: extensions.gardener.cloud/v1alpha1
kind: Network
metadata:
  name: my-network
  namespace: shoot--foo--bar
spec:
  type: calico
  podCIDR: 2001:db8:1::/48
  serviceCIDR: 2001:db8:3::/48
  ipFamilies:
  - IPv6
  providerConfig:
    apiVersion: calico.networking.extensions.gardener.cloud/v1alpha1
    kind: NetworkConfig
    overlay:
      enabled: false
";

const GEP_DNS_RECORD: &str = r"
apiVersion: extensions.gardener.cloud/v1alpha1
kind: DNSRecord
metadata:
  name: dnsrecord-external
  namespace: default
spec:
  type: aws-route53
  secretRef:
    name: dnsrecord-external
    namespace: default
  name: api.local.local.external.local.gardener.cloud
  recordType: AAAA
  values:
  - 2001:db8:f00::1
  ttl: 120
";

const OUTLOOK_SHOOT: &str = r#"
apiVersion: core.gardener.cloud/v1beta1
kind: Shoot
metadata:
  name: dual
spec:
  networking:
    ipFamilies: [IPv6, IPv4]
    pods: 2001:db8:1::/48
    nodes: 2001:db8:2::/48
    services: 2001:db8:3::/48
    podsCIDRs: ["2001:db8:1::/48", 10.0.1.0/24]
    nodesCIDRs: ["2001:db8:2::/48", 10.0.2.0/24]
    servicesCIDRs: ["2001:db8:3::/48", 10.0.3.0/24]
"#;

#[test]
fn the_manifests_of_the_gep_round_trip() {
    let shoot: Shoot = round_trip(GEP_SHOOT, "GEP Shoot");
    let networking = shoot.spec.networking.expect("the manifest has networking");
    assert_eq!(networking.pods.as_deref(), Some("2001:db8:1::/48"));
    assert_eq!(networking.ip_families, ["IPv6"]);

    let seed: Seed = round_trip(GEP_SEED, "GEP Seed");
    assert_eq!(
        seed.spec.networks.block_cidrs,
        ["169.254.169.254/32", "fd00:ec2::254/128"]
    );
    assert_eq!(
        seed.spec.other.get(&["settings", "scheduling", "visible"]),
        Some(&Value::Bool(true))
    );

    let network: Network = round_trip(GEP_NETWORK, "GEP Network");
    assert_eq!(network.extension_type(), "calico");
    assert_eq!(network.spec.service_cidr, "2001:db8:3::/48");

    let record: DnsRecord = round_trip(GEP_DNS_RECORD, "GEP DNSRecord");
    assert_eq!(record.spec.record_type, "AAAA");
    assert_eq!(record.spec.values, ["2001:db8:f00::1"]);

    let dual: Shoot = round_trip(OUTLOOK_SHOOT, "outlook Shoot");
    let networking = dual.spec.networking.expect("the manifest has networking");
    assert_eq!(networking.pods_cidrs, ["2001:db8:1::/48", "10.0.1.0/24"]);
}

#[test]
fn an_explicit_null_reads_as_unset() {
    let shoot: Shoot = yaml::parse(
        "{apiVersion: core.gardener.cloud/v1beta1, kind: Shoot, metadata: {name: x}, spec: \
         {kubernetes: null, networking: {ipFamilies: null}, provider: {workers: null}}}",
        "inline",
    )
    .unwrap();
    assert!(shoot.spec.is_workerless());
}

#[test]
fn the_example_shoots_of_gardener_round_trip() {
    let folder = std::env::var_os("GARDEN6_DATA")
        .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from)
        .join("gardener");
    if !folder.is_dir() {
        println!("skipped: no real inputs, set GARDEN6_DATA");
        return;
    }
    for name in ["shoot-ipv6.yaml", "shoot.yaml", "shoot-workerless.yaml"] {
        let text = std::fs::read_to_string(folder.join(name)).expect("the example is readable");
        let shoot: Shoot = round_trip(&text, name);
        assert_eq!(shoot.spec.provider.type_, "local", "{name}");
    }
}
