//! Names, addresses of the loopback, drop-ins of services.

use std::net::Ipv6Addr;

use super::Recipe;
use crate::{
    doctor::{
        Facts, LOCAL_REGISTRY as REGISTRY,
        facts::Scalar,
        fix::{action::Action, change::Service},
    },
    net::Cidr,
};

/// The recipe of a check about names and services.
pub(super) fn recipe(id: &str, facts: &Facts) -> Option<Recipe> {
    match id {
        "hosts-localhost-v6" => {
            let recipe = Recipe::of([hosts(
                "::1",
                &["localhost", "ip6-localhost", "ip6-loopback"],
            )])?;
            Some(warn_of_generator(recipe, facts))
        }
        "hosts-registry-entry" => {
            let recipe = Recipe::of([hosts("127.0.0.1", &[REGISTRY]), hosts("::1", &[REGISTRY])])?;
            Some(warn_of_generator(recipe, facts))
        }
        "loopback-v6" => {
            let setting = Action::Sysctl {
                key: "net/ipv6/conf/lo/disable_ipv6".to_owned(),
                value: "0".to_owned(),
            };
            let address = Action::Address {
                address: Cidr::containing(Ipv6Addr::LOCALHOST.into(), 128)?,
                device: "lo".to_owned(),
            };
            Recipe::of([setting, address])
        }
        "gardener-dns-zone" => is_active(facts, "systemd-resolved").then(|| {
            own_file(
                "/etc/systemd/resolved.conf.d/90-garden6.conf",
                "[Resolve]\nDNS=172.18.255.53 fd00:ff::53\nDomains=~local.gardener.cloud\n",
                Service::Resolved,
            )
        })?,
        "networkmanager-unmanaged" => own_file(
            "/etc/NetworkManager/conf.d/90-garden6.conf",
            "[keyfile]\nunmanaged-devices=interface-name:br-*;interface-name:veth*;interface-name:cali*;interface-name:vxlan.calico\n",
            Service::NetworkManager,
        ),
        "cgroup-delegation" => own_file(
            "/etc/systemd/system/user@.service.d/90-garden6.conf",
            "[Service]\nDelegate=cpu cpuset io memory pids\n",
            Service::Systemd,
        )
        .map(|recipe| Recipe {
            pending: Some("log in again"),
            ..recipe
        }),
        "firewalld-ipv6-rpfilter" => firewalld("IPv6_rpfilter", "loose"),
        "firewalld-strict-forward-ports" => firewalld("StrictForwardPorts", "no"),
        _ => None,
    }
}

fn hosts(address: &str, names: &[&str]) -> Action {
    Action::Hosts {
        address: address.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// WSL writes the file anew at every start unless told otherwise.
fn warn_of_generator(recipe: Recipe, facts: &Facts) -> Recipe {
    let generated = facts
        .host
        .files
        .get("/etc/wsl.conf")
        .and_then(|fact| fact.known())
        .is_some_and(|text| {
            !text
                .to_lowercase()
                .replace(' ', "")
                .contains("generatehosts=false")
        });
    if generated {
        return recipe.noting(
            "WSL writes /etc/hosts anew at every start: set generateHosts=false in the [network] section of /etc/wsl.conf to keep the line",
        );
    }
    recipe
}

fn own_file(path: &str, content: &str, service: Service) -> Option<Recipe> {
    let header = "# Written by `garden6 doctor --fix`; `garden6 doctor --undo` takes it back.\n";
    Recipe::of([
        Action::OwnFile {
            path: path.into(),
            content: format!("{header}{content}"),
        },
        Action::Service(service),
    ])
}

/// A reload of firewalld loses Docker's rules in some releases, so Docker is restarted behind it.
fn firewalld(key: &str, value: &str) -> Option<Recipe> {
    let recipe = Recipe::of([
        Action::Key {
            path: "/etc/firewalld/firewalld.conf".into(),
            key: key.to_owned(),
            value: value.to_owned(),
        },
        Action::Service(Service::Firewalld),
        Action::Service(Service::Docker),
    ])?;
    Some(Recipe {
        restarts: true,
        ..recipe
    })
}

fn is_active(facts: &Facts, service: &str) -> bool {
    facts
        .host
        .services
        .known()
        .and_then(|services| services.0.get(service)?.known())
        .map(Scalar::as_str)
        == Some("active")
}
