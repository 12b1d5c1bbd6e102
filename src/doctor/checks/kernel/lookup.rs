//! Looking features up.

use super::super::prelude::*;
use crate::doctor::{
    facts::{ModuleState, Modules},
    parse::versions::{IptablesVariant, iptables_variant},
};

/// Which packet filter programs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::doctor::checks) enum Variant {
    /// Programs that write nftables.
    Nft,
    /// Programs that write the kernel's legacy tables.
    Legacy,
    /// None, or the machine cannot be asked.
    None,
}

/// The variant of `iptables` where the engine runs.
pub(in crate::doctor::checks) fn variant(ask: &Ask<'_>) -> Variant {
    let answer = if_known(ask.command(Scope::Engine, "iptables --version"));
    match answer.map(|answer| iptables_variant(&answer.out)) {
        Some(IptablesVariant::Nft) => Variant::Nft,
        Some(IptablesVariant::Legacy) => Variant::Legacy,
        None => Variant::None,
    }
}

/// The features that are not there at all.
pub(super) fn absent<'n>(modules: &Modules, names: &[&'n str]) -> Vec<&'n str> {
    let gone = |name: &&&str| modules.state(name) == ModuleState::Absent;
    names.iter().filter(gone).copied().collect()
}

/// The features that are there but would have to be loaded first.
pub(super) fn not_loaded<'n>(modules: &Modules, names: &[&'n str]) -> Vec<&'n str> {
    let idle = |name: &&&str| modules.state(name) == ModuleState::Loadable;
    names.iter().filter(idle).copied().collect()
}

/// What stands in for the legacy tables where programs write nftables.
const RESCUE: [&str; 3] = ["nf_tables", "nft_compat", "nft_chain_nat"];

/// Whether nftables stands in for legacy tables. A machine without a known variant counts as one
/// with current programs, which write nftables.
pub(super) fn is_rescued(ask: &Ask<'_>, modules: &Modules) -> bool {
    variant(ask) != Variant::Legacy && absent(modules, &RESCUE).is_empty()
}

/// Features that every node needs.
const OF_NODES: [&str; 13] = [
    "bridge",
    "nf_conntrack",
    "nf_nat",
    "overlay",
    "veth",
    "xt_MASQUERADE",
    "xt_REDIRECT",
    "xt_addrtype",
    "xt_comment",
    "xt_conntrack",
    "xt_mark",
    "xt_multiport",
    "xt_statistic",
];
/// Tables that nodes with IPv6 need unless nftables stands in for them.
const OF_IPV6_NODES: [&str; 4] = [
    "ip6_tables",
    "ip6table_filter",
    "ip6table_mangle",
    "ip6table_nat",
];

/// What nodes need and what is neither loaded nor compiled in; first the tables of IPv6.
pub(in crate::doctor::checks) fn missing_for_nodes(
    ask: &Ask<'_>,
    modules: &Modules,
) -> (Vec<&'static str>, Vec<&'static str>) {
    let idle = |name: &&str| modules.state(name) <= ModuleState::Loadable;
    let tables = ask.profile().has_ipv6() && !is_rescued(ask, modules);
    let of_ipv6 = OF_IPV6_NODES.into_iter().filter(idle).filter(|_| tables);
    (
        of_ipv6.collect(),
        OF_NODES.into_iter().filter(idle).collect(),
    )
}
