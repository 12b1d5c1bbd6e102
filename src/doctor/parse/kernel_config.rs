//! The kernel's configuration, and which option makes which module.

use std::collections::BTreeMap;

/// How an option is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `=y`.
    Builtin,
    /// `=m`.
    Module,
}

/// Modules and the option that makes each (Kconfig of the kernel).
const OPTIONS: [(&str, &str); 55] = [
    ("bonding", "BONDING"),
    ("br_netfilter", "BRIDGE_NETFILTER"),
    ("bridge", "BRIDGE"),
    ("dummy", "DUMMY"),
    ("fuse", "FUSE_FS"),
    ("ip6_tables", "IP6_NF_IPTABLES"),
    ("ip6_tunnel", "IPV6_TUNNEL"),
    ("ip6_udp_tunnel", "NET_UDP_TUNNEL"),
    ("ip6t_REJECT", "IP6_NF_TARGET_REJECT"),
    ("ip6t_rpfilter", "IP6_NF_MATCH_RPFILTER"),
    ("ip6table_filter", "IP6_NF_FILTER"),
    ("ip6table_mangle", "IP6_NF_MANGLE"),
    ("ip6table_nat", "IP6_NF_NAT"),
    ("ip6table_raw", "IP6_NF_RAW"),
    ("ip_set", "IP_SET"),
    ("ip_set_hash_ip", "IP_SET_HASH_IP"),
    ("ip_set_hash_net", "IP_SET_HASH_NET"),
    ("ip_tables", "IP_NF_IPTABLES"),
    ("ip_vs", "IP_VS"),
    ("ip_vs_rr", "IP_VS_RR"),
    ("ip_vs_sh", "IP_VS_SH"),
    ("ip_vs_wrr", "IP_VS_WRR"),
    ("ipip", "NET_IPIP"),
    ("ipt_REJECT", "IP_NF_TARGET_REJECT"),
    ("iptable_filter", "IP_NF_FILTER"),
    ("iptable_mangle", "IP_NF_MANGLE"),
    ("iptable_nat", "IP_NF_NAT"),
    ("iptable_raw", "IP_NF_RAW"),
    ("nf_conntrack", "NF_CONNTRACK"),
    ("nf_conntrack_netlink", "NF_CT_NETLINK"),
    ("nf_nat", "NF_NAT"),
    ("nf_tables", "NF_TABLES"),
    ("nft_chain_nat", "NFT_NAT"),
    ("nft_compat", "NFT_COMPAT"),
    ("nft_ct", "NFT_CT"),
    ("nft_fib", "NFT_FIB"),
    ("nft_fib_ipv6", "NFT_FIB_IPV6"),
    ("nft_masq", "NFT_MASQ"),
    ("nft_nat", "NFT_NAT"),
    ("overlay", "OVERLAY_FS"),
    ("sit", "IPV6_SIT"),
    ("tun", "TUN"),
    ("veth", "VETH"),
    ("vxlan", "VXLAN"),
    ("xt_MASQUERADE", "NETFILTER_XT_TARGET_MASQUERADE"),
    ("xt_REDIRECT", "NETFILTER_XT_TARGET_REDIRECT"),
    ("xt_addrtype", "NETFILTER_XT_MATCH_ADDRTYPE"),
    ("xt_comment", "NETFILTER_XT_MATCH_COMMENT"),
    ("xt_conntrack", "NETFILTER_XT_MATCH_CONNTRACK"),
    ("xt_mark", "NETFILTER_XT_MARK"),
    ("xt_multiport", "NETFILTER_XT_MATCH_MULTIPORT"),
    ("xt_nat", "NETFILTER_XT_NAT"),
    ("xt_rpfilter", "IP_NF_MATCH_RPFILTER"),
    ("xt_set", "NETFILTER_XT_SET"),
    ("xt_statistic", "NETFILTER_XT_MATCH_STATISTIC"),
];

/// Options that are set, without `CONFIG_`.
pub type Features = BTreeMap<String, Feature>;

/// Reads a kernel configuration.
pub fn features(text: &str) -> Features {
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("CONFIG_")?.split_once('=')?;
            let feature = match value {
                "y" => Feature::Builtin,
                "m" => Feature::Module,
                _ => return None,
            };
            Some((name.to_owned(), feature))
        })
        .collect()
}

/// How the option that makes a module is set.
pub fn of_module(module: &str, features: &Features) -> Option<Feature> {
    let (_, option) = OPTIONS.iter().find(|(name, _)| *name == module)?;
    features.get(*option).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::facts::keys;

    #[test]
    fn every_feature_that_is_looked_up_has_an_option() {
        for name in keys::MODULES.iter().chain(&keys::CALICO_MODULES) {
            assert!(OPTIONS.iter().any(|(module, _)| module == name), "{name}");
        }
    }

    #[test]
    fn options_that_are_off_or_numbers_are_left_out() {
        let found = features("CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=100\nE=y\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found["B"], Feature::Module);
    }
}
