//! Nodes come and go on every cloud, and everything that must hold holds after each of them.

use proptest::prelude::*;

use super::{Resolution, Template, aws, azure, gcp, limits::DEFAULT_KUBERNETES, local, openstack};

fn resolutions() -> Vec<(&'static str, usize, Resolution)> {
    let cidr = |text: &str| text.parse().unwrap();
    let template = Template::default();
    let vpc = aws::Request {
        vpc: cidr("2600:1f13:abcd:1200::/56"),
        source: aws::Source::Amazon,
        zones: 3,
        template,
    };
    let subnet = |strategy, profile| gcp::Request {
        subnet: cidr("2600:1900:4000:abcd::/64"),
        services: Some(cidr("2600:1900:4000:abce::/64")),
        strategy,
        profile,
        template,
    };
    let vnet = azure::Request {
        vnet: cidr("fd12:3456:789a::/48"),
    };
    let split = openstack::Request::default();
    let three = openstack::Request {
        mode: openstack::Mode::ThreeSubnets,
        ..split
    };
    let pool = cidr("2001:db8::/32");
    let on_openstack = |request: openstack::Request| {
        let subnets = openstack::from_pool(pool, &[], request.subnets()).unwrap();
        let assignment = openstack::resolve(&request, &subnets, DEFAULT_KUBERNETES);
        assignment.unwrap().resolution
    };
    let on_gcp =
        |strategy, profile| gcp::resolve(&subnet(strategy, profile), DEFAULT_KUBERNETES).unwrap();
    vec![
        ("aws", 3, aws::resolve(&vpc, DEFAULT_KUBERNETES).unwrap()),
        ("gcp", 1, on_gcp(gcp::Services::Subnet, gcp::Profile::Draft)),
        (
            "gcp dummy",
            1,
            on_gcp(gcp::Services::DummyNode, gcp::Profile::Draft),
        ),
        (
            "gcp shipped",
            1,
            on_gcp(gcp::Services::Subnet, gcp::Profile::Shipped),
        ),
        (
            "azure",
            1,
            azure::resolve(&vnet, DEFAULT_KUBERNETES).unwrap().0,
        ),
        ("openstack", 1, on_openstack(split)),
        ("openstack three", 1, on_openstack(three)),
        ("local", 1, local::resolve(7, DEFAULT_KUBERNETES).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_invariants_hold_after_every_event(
        events in proptest::collection::vec((any::<bool>(), 0_usize..25, 0_usize..3), 1..60),
    ) {
        for (cloud, zones, mut resolution) in resolutions() {
            let empty = resolution.clone();
            for (joins, number, zone) in &events {
                let name = format!("node-{number}");
                if *joins {
                    let node = resolution.fleet.join(&name, zone % zones).unwrap();
                    let again = resolution.fleet.join(&name, zone % zones);
                    prop_assert_eq!(again, Ok(node), "{}", cloud);
                } else {
                    resolution.fleet.leave(&name);
                }
                prop_assert_eq!(resolution.check(), Ok(()), "{}", cloud);
            }
            // Who starts anew with what is written down comes to the same, the next node included.
            let mut restored = empty;
            for (name, node) in resolution.fleet.nodes() {
                prop_assert!(restored.fleet.restore(name, *node), "{}", cloud);
            }
            prop_assert_eq!(restored.fleet.routes(), resolution.fleet.routes());
            let next = resolution.fleet.join("next", 0);
            prop_assert_eq!(restored.fleet.join("next", 0), next, "{}", cloud);
        }
    }
}

#[test]
fn what_a_node_gave_back_the_next_one_gets() {
    for (cloud, _, mut resolution) in resolutions() {
        let first = resolution.fleet.join("a", 0).unwrap();
        resolution.fleet.join("b", 0).unwrap();
        resolution.fleet.leave("a");
        assert_eq!(resolution.fleet.join("c", 0), Ok(first), "{cloud}");
    }
}
