//! The iptables programs and their chains.

use semver::Version;

use super::{
    super::{
        kernel::{Variant, variant},
        prelude::*,
    },
    BASE,
};
use crate::doctor::parse::versions::{self, iptables_variant};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iptables-backend",
        title: "Variants of the iptables programs",
        platforms: LINUX_AND_WSL,
        reads: "`iptables --version`, `ip6tables --version`",
        rule: "different variants for the two families, and nftables variants 1.8.0 to 1.8.3, warn; no program fails unless the engine uses nftables itself",
        why: "rules of one variant do not show in the lists of the other, and both are at work",
        remedies: &[Remedy::any(
            "select the same variant for both and restart the engine",
            &[
                "sudo update-alternatives --config iptables",
                "sudo update-alternatives --config ip6tables",
                "sudo systemctl restart docker",
            ],
        )],
        run: backend,
        ..BASE
    },
    Check {
        id: "iptables-mixed-backends",
        title: "Rules of the other variant",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        reads: "`/proc/net/ip6_tables_names` and its sibling (root only), the selected variant",
        rule: "legacy tables beside the nftables variant warn",
        why: "a policy DROP that was left there still drops",
        remedies: &[Remedy::any(
            "flush the variant that is not used, or restart the machine after switching",
            &[
                "sudo ip6tables-legacy-save",
                "sudo ip6tables-legacy -P FORWARD ACCEPT",
                "sudo ip6tables-legacy -F",
            ],
        )],
        run: mixed,
        ..BASE
    },
    Check {
        id: "ip6tables-forward-policy",
        title: "What is forwarded over IPv6",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([F, F, N]),
        reads: "`ip6tables -S FORWARD` (root only)",
        rule: "ACCEPT, and DROP behind the engine's chains, pass; DROP without them fails; unreadable is unknown",
        why: "engines before 28 set DROP once they filter IPv6, later ones when they switched forwarding on: everything that is not theirs is cut",
        remedies: &[Remedy::any(
            "accept what is to be forwarded in DOCKER-USER, or keep the engine from setting DROP (`ip-forward-no-drop`)",
            &[
                "sudo ip6tables -S FORWARD",
                "sudo ip6tables -P FORWARD ACCEPT",
            ],
        )],
        link: Some("https://docs.docker.com/engine/network/packet-filtering-firewalls/"),
        run: forward_policy,
        ..BASE
    },
];

/// First nftables variant that translates rules faithfully.
const FAITHFUL: Version = Version::new(1, 8, 4);

fn backend(ask: &Ask<'_>) -> Verdict {
    let v4 = ask.command(Scope::Engine, "iptables --version")?;
    let v6 = ask.command(Scope::Engine, "ip6tables --version")?;
    let (Some(v4), Some(v6)) = (v4, v6) else {
        return Ok(if ask.uses_nftables()? {
            pass("there are no iptables programs, and the engine uses nftables itself")
        } else {
            fail("the iptables programs are missing, and the engine makes its rules with them")
                .values("not installed", "iptables and ip6tables")
                .command("sudo apt-get install iptables")
        });
    };
    let (first, second) = (v4.first_line(), v6.first_line());
    if iptables_variant(first) != iptables_variant(second) {
        return Ok(warn("iptables and ip6tables are of different variants")
            .values(format!("{first}; {second}"), "the same variant"));
    }
    let nft = first.contains("(nf_tables)");
    let old = versions::version(first).is_some_and(|version| nft && version < FAITHFUL);
    Ok(if old {
        warn(format!("{first} translates some rules wrongly"))
            .values(first, format!("{FAITHFUL} or later"))
    } else {
        pass(format!("{first}; {second}"))
    })
}

fn mixed(ask: &Ask<'_>) -> Verdict {
    if ask.command(Scope::Engine, "iptables --version")?.is_none() {
        return Ok(pass("there are no iptables programs"));
    }
    let variant = variant(ask);
    let v6 = ask
        .file(Scope::Engine, "/proc/net/ip6_tables_names")?
        .unwrap_or_default();
    let v4 = if_known(ask.file(Scope::Engine, "/proc/net/ip_tables_names")).unwrap_or_default();
    let mut tables: Vec<&str> = Vec::new();
    for table in v6.split_whitespace().chain(v4.split_whitespace()) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    Ok(if variant == Variant::Nft && !tables.is_empty() {
        warn(format!(
            "legacy tables ({}) are at work beside the nftables variant",
            tables.join(", ")
        ))
        .values(tables.join(", "), "no legacy tables")
    } else {
        pass("one variant is at work")
    })
}

fn forward_policy(ask: &Ask<'_>) -> Verdict {
    let Some(answer) = ask.command(Scope::Engine, "ip6tables -S FORWARD")? else {
        return if ask.uses_nftables()? {
            Ok(pass(
                "there is no ip6tables, and the engine uses nftables itself",
            ))
        } else {
            skip("there is no ip6tables, see iptables-backend")
        };
    };
    if !answer.succeeded() {
        return Err(unknown(format!(
            "the rules cannot be read: {}",
            answer.first_line()
        )));
    }
    let rules = &answer.out;
    let drops = rules.contains("-P FORWARD DROP") || rules.contains("-P FORWARD REJECT");
    Ok(if drops && !rules.contains("-j DOCKER") {
        fail("IPv6 packets that are forwarded are dropped, and the engine's chains are not there")
            .values("FORWARD DROP", "FORWARD ACCEPT, or the engine's chains")
    } else {
        pass("what the engine forwards is accepted")
    })
}
