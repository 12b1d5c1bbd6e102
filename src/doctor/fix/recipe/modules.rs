//! Kernel modules, now and at boot.

use super::Recipe;
use crate::doctor::{Facts, facts::ModuleState, fix::action::Action};

/// Checks and the modules that they ask for.
const WANTED: &[(&str, &[&str])] = &[
    ("kmod-ip6-tables", &["ip6_tables"]),
    ("kmod-ip6table-nat", &["ip6table_nat"]),
    (
        "kmod-ip6table-filter-mangle",
        &["ip6table_filter", "ip6table_mangle"],
    ),
    ("kmod-ip6table-raw", &["ip6table_raw", "iptable_raw"]),
    (
        "kmod-nf-tables",
        &[
            "nf_tables",
            "nft_ct",
            "nft_fib",
            "nft_fib_ipv6",
            "nft_masq",
            "nft_nat",
        ],
    ),
    (
        "kmod-xt-matches",
        &[
            "xt_addrtype",
            "xt_conntrack",
            "xt_comment",
            "xt_MASQUERADE",
            "xt_REDIRECT",
            "xt_mark",
            "xt_multiport",
            "xt_statistic",
            "xt_nat",
            "ipt_REJECT",
            "ip6t_REJECT",
        ],
    ),
    (
        "kmod-ipset",
        &["ip_set", "ip_set_hash_ip", "ip_set_hash_net", "xt_set"],
    ),
    ("kmod-br-netfilter", &["br_netfilter"]),
    ("kmod-overlay", &["overlay"]),
    ("kmod-veth-bridge", &["veth", "bridge", "dummy"]),
    ("kmod-vxlan", &["vxlan", "ip6_udp_tunnel"]),
    ("kmod-gardener-vpn", &["tun", "bonding", "ip6_tunnel"]),
    (
        "kmod-conntrack",
        &["nf_conntrack", "nf_conntrack_netlink", "nf_nat"],
    ),
    ("kmod-ipvs", &["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh"]),
    ("kmod-fuse", &["fuse"]),
    (
        "rootless-modules-preloaded",
        &["ip_tables", "iptable_nat", "ip6_tables", "ip6table_nat"],
    ),
];

/// The recipe of a check about modules: what can be loaded and is not. A module that is not there
/// cannot be helped.
pub(super) fn recipe(id: &str, facts: &Facts) -> Option<Recipe> {
    let (_, names) = WANTED.iter().find(|(check, _)| *check == id)?;
    let modules = facts.host.modules.known()?;
    Recipe::of(
        names
            .iter()
            .filter(|name| modules.state(name) == ModuleState::Loadable)
            .flat_map(|name| {
                let name = (*name).to_owned();
                [
                    Action::LoadModule { name: name.clone() },
                    Action::ModuleLine { name },
                ]
            }),
    )
}
