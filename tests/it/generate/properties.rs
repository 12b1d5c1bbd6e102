//! Whatever is asked for: it is refused with a reason, or kind takes the result. Nothing panics.

use std::net::IpAddr;

use garden6::{
    api::validation::Rules,
    config::{BackendKind, CniChoice, EnvironmentRequest},
    generate::{
        GenerateError, Plan, PlanSettings, Templates,
        calico::Encapsulation,
        folder, garden,
        kind::{Mount, Protocol, PublishedPort, apply_defaults, decode, validate},
    },
    ipam::Purpose,
    net::Cidr,
    yaml,
};
use proptest::prelude::*;

use super::folders::manifest;

fn family() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["ipv6", "ipv6,ipv4", "ipv4,ipv6", "ipv4"])
}

/// Ranges that are often good and often not.
fn range() -> impl Strategy<Value = (Purpose, Cidr)> {
    let purpose = prop::sample::select(vec![
        Purpose::Docker,
        Purpose::Pods,
        Purpose::Services,
        Purpose::ShootPods,
        Purpose::ShootServices,
    ]);
    let cidr = prop_oneof![
        (0_u16..4, 40_u8..=128).prop_map(|(subnet, length)| (
            IpAddr::from([0xfd00, 0x20, subnet, 0, 0, 0, 0, 0]),
            length
        )),
        (0_u8..4, 8_u8..=32)
            .prop_map(|(subnet, length)| (IpAddr::from([10, 16 + subnet, 0, 0]), length)),
    ];
    (purpose, cidr).prop_map(|(purpose, (address, length))| {
        let cidr = Cidr::containing(address, length).expect("the length fits the family");
        (purpose, cidr)
    })
}

fn request() -> impl Strategy<Value = EnvironmentRequest> {
    let name = "[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,4})?";
    let image = prop::option::of("\\PC{1,30}");
    (
        name,
        family(),
        prop::collection::vec(range(), 0..3),
        0_u8..5,
        any::<bool>(),
        image,
        prop::collection::vec(any::<IpAddr>(), 0..2),
    )
        .prop_map(
            |(name, families, ranges, workers, ptp, node_image, resolvers)| EnvironmentRequest {
                name: name.parse().expect("the pattern makes names"),
                families: Some(families.parse().expect("families")),
                ranges,
                workers: Some(workers),
                cni: Some(if ptp {
                    CniChoice::Ptp
                } else {
                    CniChoice::Calico
                }),
                node_image,
                resolvers,
                ..EnvironmentRequest::default()
            },
        )
}

fn port() -> impl Strategy<Value = PublishedPort> {
    let listen = prop::sample::select(vec![
        None,
        Some("::1"),
        Some("::"),
        Some("127.0.0.1"),
        Some("0.0.0.0"),
    ]);
    (listen, 1_u16..5, 1_u16.., any::<bool>()).prop_map(|(listen, host, container, udp)| {
        PublishedPort {
            listen: listen.map(|text| text.parse().expect("an address")),
            host,
            container,
            protocol: if udp { Protocol::Udp } else { Protocol::Tcp },
        }
    })
}

fn settings() -> impl Strategy<Value = PlanSettings> {
    let mount = ("\\PC{1,20}", "/\\PC{0,20}", any::<bool>()).prop_map(
        |(host_path, container_path, read_only)| Mount {
            host_path,
            container_path,
            read_only,
            ..Mount::default()
        },
    );
    (
        0_u8..4,
        prop::collection::vec(port(), 0..3),
        prop::collection::vec(mount, 0..3),
        prop::collection::btree_map("[A-Z][A-Za-z0-9]{0,10}", any::<bool>(), 0..3),
        prop::option::of((15_u64..40).prop_map(|minor| semver::Version::new(1, minor, 0))),
        any::<bool>(),
    )
        .prop_map(
            |(zones, ports, mounts, feature_gates, kubernetes, vxlan)| PlanSettings {
                zones,
                ports,
                mounts,
                feature_gates,
                kubernetes,
                encapsulation: if vxlan {
                    Encapsulation::Vxlan
                } else {
                    Encapsulation::None
                },
                ..PlanSettings::default()
            },
        )
}

proptest! {
    #[test]
    fn an_accepted_plan_renders_what_kind_accepts_and_a_refused_one_says_why(
        request in request(),
        settings in settings(),
    ) {
        let environment = match request.resolve(BackendKind::Kind) {
            Ok(environment) => environment,
            Err(refusal) => {
                prop_assert!(!refusal.to_string().is_empty());
                return Ok(());
            }
        };
        let plan = match Plan::new(environment, settings) {
            Ok(plan) => plan,
            Err(refusal) => {
                prop_assert!(matches!(refusal, GenerateError::Plan { .. }), "{refusal}");
                return Ok(());
            }
        };
        // The garden has no rules of kind's to break, and its definitions are the same every time.
        let files = match folder(&plan, None, Some(&manifest()), Templates::embedded()) {
            Ok(files) => files,
            Err(refusal) => {
                // Two published ports that clash, or a container network without room.
                let told = matches!(refusal, GenerateError::Plan { .. } | GenerateError::Refused { .. });
                prop_assert!(told, "{refusal}");
                return Ok(());
            }
        };
        let document = files.iter().find(|file| file.path == "kind.yaml").expect("it is there");
        let value = yaml::parse(&document.content, "kind.yaml").expect("it is YAML");
        let mut cluster = decode(&value).expect("kind knows every field");
        apply_defaults(&mut cluster);
        prop_assert_eq!(validate(&cluster), []);
        let rules = Rules::default();
        for made in [
            garden::shoot(&plan, &rules, Templates::embedded()),
            garden::seed_manifest(&plan, &rules, Templates::embedded()),
            garden::network(&plan, &rules, Templates::embedded()),
            garden::network_policies(&plan),
        ] {
            prop_assert!(made.is_ok(), "{:?}", made);
        }
    }
}
