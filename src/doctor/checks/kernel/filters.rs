//! Tables of the packet filter.

use super::{
    super::prelude::*,
    BASE,
    lookup::{absent, is_rescued, not_loaded},
    modprobe,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kmod-ip6-tables",
        title: "IPv6 packet filter",
        ceiling: Ceiling([F, F, N]),
        reads: "ip6_tables, or nf_tables with nft_compat and nft_chain_nat; the variant of iptables",
        rule: "missing fails unless nftables stands in for it, which is told; a rootless engine or one in a container that would have to load it warns",
        why: "the first IPv6 rule of the engine or of kube-proxy fails",
        run: ip6_tables,
        ..BASE
    },
    Check {
        id: "kmod-ip6table-nat",
        title: "IPv6 address translation",
        ceiling: Ceiling([F, F, N]),
        reads: "ip6table_nat, or nftables in its place",
        rule: "as for kmod-ip6-tables",
        why: "nodes with private addresses need it to get out, and every Service is a translation",
        run: ip6table_nat,
        ..BASE
    },
    Check {
        id: "kmod-ip6table-filter-mangle",
        title: "IPv6 filter and mangle tables",
        ceiling: Ceiling([F, F, N]),
        reads: "ip6table_filter and ip6table_mangle, or nftables in their place",
        rule: "as for kmod-ip6-tables",
        why: "kube-proxy, Calico and the engine make chains in them as soon as they start",
        run: filter_mangle,
        ..BASE
    },
    Check {
        id: "kmod-ip6table-raw",
        title: "Raw tables",
        ceiling: Ceiling([F, F, W]),
        engine: EngineNeed::Needed,
        reads: "ip6table_raw and iptable_raw, or nftables in their place; the engine's release",
        rule: "since 28 missing warns, and fails in 28.0.0 and 28.0.1; for IPv4 only iptable_raw counts",
        why: "engines since 28 guard unpublished ports there; DOCKER_INSECURE_NO_IPTABLES_RAW=1 switches that off",
        run: raw,
        ..BASE
    },
    Check {
        id: "kmod-nf-tables",
        title: "nftables",
        reads: "nf_tables, nft_ct, nft_fib, nft_fib_ipv6, nft_masq, nft_nat; the engine's backend, kube-proxy's mode",
        rule: "missing is told, and fails where the engine or kube-proxy is to use nftables",
        why: "current iptables programs write nftables, and kube-proxy's nftables mode is the one with a future",
        run: nf_tables,
        ..BASE
    },
];

fn table(ask: &Ask<'_>, names: &[&str], what: &str) -> Verdict {
    let modules = ask.modules()?;
    let gone = absent(modules, names);
    if !gone.is_empty() {
        let list = gone.join(", ");
        return Ok(if is_rescued(ask, modules) {
            info(format!("{list} is missing; nftables stands in for {what}"))
        } else {
            fail(format!("{list} is missing: {what} cannot work"))
                .values(format!("{list} absent"), "loaded, built in or loadable")
        });
    }
    let idle = not_loaded(modules, names);
    // An engine without root's rights, or in a container, loads nothing.
    if (ask.is_rootless() || ask.is_nested()) && !idle.is_empty() {
        let list = idle.join(", ");
        return Ok(warn(format!(
            "{list} has to be loaded before the engine needs it: it cannot do that itself"
        ))
        .values(format!("{list} loadable"), "loaded")
        .command(modprobe(&idle)));
    }
    Ok(pass(format!("{} can be used", names.join(", "))))
}

fn ip6_tables(ask: &Ask<'_>) -> Verdict {
    table(ask, &["ip6_tables"], "filtering IPv6")
}

fn ip6table_nat(ask: &Ask<'_>) -> Verdict {
    table(ask, &["ip6table_nat"], "translating IPv6 addresses")
}

fn filter_mangle(ask: &Ask<'_>) -> Verdict {
    table(
        ask,
        &["ip6table_filter", "ip6table_mangle"],
        "filtering IPv6",
    )
}

fn raw(ask: &Ask<'_>) -> Verdict {
    let release = ask.engine()?;
    if release.major < 28 {
        return Ok(pass(format!("Docker {release} does not use raw tables")));
    }
    let modules = ask.modules()?;
    let wanted: &[&str] = if ask.profile().has_ipv6() {
        &["ip6table_raw", "iptable_raw"]
    } else {
        &["iptable_raw"]
    };
    let gone = absent(modules, wanted);
    if gone.is_empty() || is_rescued(ask, modules) {
        return Ok(pass("raw tables can be used"));
    }
    let list = gone.join(", ");
    let strict = release.minor == 0 && release.patch < 2;
    let text = format!("{list} is missing, which Docker {release} wants");
    let finding = if strict { fail(text) } else { warn(text) };
    Ok(finding.values(format!("{list} absent"), "loaded, built in or loadable"))
}

fn nf_tables(ask: &Ask<'_>) -> Verdict {
    let names = [
        "nf_tables",
        "nft_ct",
        "nft_fib",
        "nft_fib_ipv6",
        "nft_masq",
        "nft_nat",
    ];
    let gone = absent(ask.modules()?, &names);
    if gone.is_empty() {
        return Ok(pass("nftables can be used"));
    }
    let list = gone.join(", ");
    let planned = ask.plan().kube_proxy_mode == "nftables" || ask.uses_nftables()?;
    Ok(if planned {
        fail(format!("nftables is to be used, and {list} is missing"))
            .values(format!("{list} absent"), "loaded, built in or loadable")
    } else {
        info(format!(
            "{list} is missing; nothing that is planned needs it"
        ))
    })
}
