//! The network of a rootless engine, and the modules that it cannot load.

use super::{super::prelude::*, BASE};
use crate::doctor::facts::{Component, ModuleState, RootlessKit};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "rootless-network-driver",
        title: "The network of a rootless engine",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([F, W, I]),
        fix: FixClass::Restart,
        needs: &[Need::Rootless],
        reads: "`/version` of rootlesskit: network driver, port driver, the flag `--ipv6`",
        rule: "a port driver that binds IPv4 only fails for IPv6 and warns for dual-stack; a stack that has no IPv6, or was not told to use it, warns; \
               with IPv6 it is told that it translates",
        why: "rootless containers sit behind a network stack of the user, whose IPv6 is off by default and missing in some",
        remedies: &[Remedy::any(
            "use slirp4netns or pasta with --ipv6 and the port driver builtin, and restart the user's engine",
            &[
                "systemctl --user edit docker",
                "systemctl --user restart docker",
            ],
        )],
        link: Some("https://docs.docker.com/engine/security/rootless/troubleshoot/"),
        run: driver,
        ..BASE
    },
    Check {
        id: "rootless-modules-preloaded",
        title: "Modules that a rootless engine cannot load",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([F, F, W]),
        fix: FixClass::Root,
        needs: &[Need::Rootless],
        reads: "ip_tables, iptable_nat, ip6_tables, ip6table_nat, or nf_tables, nft_compat, nft_chain_nat",
        rule: "neither set loaded or built in fails, and warns for IPv4",
        why: "only root loads modules",
        remedies: &[Remedy::any(
            "load them now and at every boot",
            &[
                "sudo modprobe -a ip_tables iptable_nat ip6_tables ip6table_nat",
                "printf 'ip_tables\\niptable_nat\\nip6_tables\\nip6table_nat\\n' | sudo tee /etc/modules-load.d/garden6.conf",
            ],
        )],
        run: preloaded,
        ..BASE
    },
];

fn kit<'a>(ask: &Ask<'a>) -> Result<&'a RootlessKit, Gap> {
    match ask.engine_version()?.components.get("rootlesskit") {
        Some(Component::Rootless(kit)) => Ok(kit),
        _ => Err(unknown("the engine tells nothing of its network stack")),
    }
}

fn driver(ask: &Ask<'_>) -> Verdict {
    if !ask.profile().has_ipv6() {
        return Ok(pass("IPv4 works with every network stack"));
    }
    let kit = kit(ask)?;
    let (network, port) = (kit.network_driver.as_str(), kit.port_driver.as_str());
    if !matches!(port, "builtin" | "implicit") {
        let text = format!("port driver {port} publishes on IPv4 only: nothing answers on [::1]");
        let finding = if ask.profile() == Profile::Ipv6 {
            fail(text)
        } else {
            warn(text)
        };
        return Ok(finding.values(port, "builtin or implicit"));
    }
    if !matches!(network, "slirp4netns" | "pasta") {
        return Ok(
            warn(format!("network driver {network} has no IPv6")).values(network, "pasta --ipv6")
        );
    }
    match kit.ipv6_flag {
        Some(true) => Ok(info(format!("{network} translates IPv6 for containers"))),
        Some(false) => Ok(warn(format!(
            "{network} was started without --ipv6: containers have no way out over IPv6"
        ))
        .values(network, format!("{network} --ipv6"))),
        None => Err(unknown(format!("the flags of {network} cannot be read"))),
    }
}

fn preloaded(ask: &Ask<'_>) -> Verdict {
    let modules = ask.modules()?;
    let idle = |names: &[&'static str]| -> Vec<&'static str> {
        let idle = |name: &&str| modules.state(name) <= ModuleState::Loadable;
        names.iter().copied().filter(idle).collect()
    };
    let legacy = idle(&["ip_tables", "iptable_nat", "ip6_tables", "ip6table_nat"]);
    let nft = idle(&["nf_tables", "nft_compat", "nft_chain_nat"]);
    if legacy.is_empty() || nft.is_empty() {
        return Ok(pass("the packet filter is loaded"));
    }
    let list = legacy.join(" ");
    Ok(fail(format!(
        "{} has to be loaded before the engine needs it",
        legacy.join(", ")
    ))
    .values("not loaded", "loaded or built in")
    .command(format!("sudo modprobe -a {list}")))
}
