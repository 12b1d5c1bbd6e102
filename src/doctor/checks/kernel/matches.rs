//! Matches and targets of rules, address sets, connections.

use super::{super::prelude::*, BASE, lookup::absent};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kmod-xt-matches",
        title: "Matches and targets of rules",
        reads: "xt_addrtype, xt_conntrack, xt_comment, xt_MASQUERADE, xt_REDIRECT, xt_mark, xt_multiport, xt_statistic; \
                xt_nat, REJECT; for Calico xt_set and rpfilter",
        rule: "one of the first eight missing fails; one of the others fails with Calico and is told otherwise",
        why: "one unknown match voids a whole transaction of rules: kube-proxy then installs no Service at all",
        run: xt,
        ..BASE
    },
    Check {
        id: "kmod-ipset",
        title: "Address sets",
        reads: "ip_set, ip_set_hash_ip, ip_set_hash_net, xt_set; the engine's release",
        rule: "missing fails with Calico and for Docker 28.0.0, and is told otherwise",
        why: "Calico's policies and one release of the engine keep addresses in them",
        run: ipset,
        ..BASE
    },
    Check {
        id: "kmod-conntrack",
        title: "Connection tracking",
        reads: "nf_conntrack, nf_nat, nf_conntrack_netlink",
        rule: "one of the first two missing fails; the third warns with Calico and is told otherwise",
        why: "translation is bound to connections; old ones are ended when endpoints change",
        run: conntrack,
        ..BASE
    },
    Check {
        id: "kmod-ipvs",
        title: "IPVS",
        reads: "ip_vs, ip_vs_rr, ip_vs_wrr, ip_vs_sh, nf_conntrack; kube-proxy's mode",
        rule: "missing is told, and fails where kube-proxy is to use IPVS",
        why: "that mode alone needs it, and it is on its way out",
        remedies: &[Remedy::any(
            "use kube-proxy's iptables or nftables mode",
            &[],
        )],
        run: ipvs,
        ..BASE
    },
];

fn is_missing(list: &[&str]) -> String {
    format!("{} is missing", list.join(", "))
}

const WANTED: &str = "loaded, built in or loadable";

fn xt(ask: &Ask<'_>) -> Verdict {
    let modules = ask.modules()?;
    let needed = [
        "xt_addrtype",
        "xt_conntrack",
        "xt_comment",
        "xt_MASQUERADE",
        "xt_REDIRECT",
        "xt_mark",
        "xt_multiport",
        "xt_statistic",
    ];
    let gone = absent(modules, &needed);
    if !gone.is_empty() {
        return Ok(fail(format!(
            "{}: no rule that uses it can be installed",
            is_missing(&gone)
        ))
        .values(format!("{} absent", gone.join(", ")), WANTED));
    }
    let mut more = absent(modules, &["xt_nat", "xt_set"]);
    // One name per family; either is enough to know that the target was built.
    for names in [
        ["ipt_REJECT", "ip6t_REJECT"],
        ["xt_rpfilter", "ip6t_rpfilter"],
    ] {
        let gone = absent(modules, &names);
        more.extend(gone.first().filter(|_| gone.len() == names.len()));
    }
    Ok(if more.is_empty() {
        pass("all matches and targets can be used")
    } else if ask.target().has_calico() {
        fail(format!("{}, which Calico needs", is_missing(&more)))
            .values(format!("{} absent", more.join(", ")), WANTED)
    } else {
        info(format!("{}; Calico would need it", is_missing(&more)))
    })
}

fn ipset(ask: &Ask<'_>) -> Verdict {
    let names = ["ip_set", "ip_set_hash_ip", "ip_set_hash_net", "xt_set"];
    let gone = absent(ask.modules()?, &names);
    if gone.is_empty() {
        return Ok(pass("address sets can be used"));
    }
    let release = ask.engine().ok();
    let demanding = release.is_some_and(|release| release == semver::Version::new(28, 0, 0));
    Ok(if demanding {
        fail(format!(
            "{}, without which Docker 28.0.0 makes no network",
            is_missing(&gone)
        ))
        .values(format!("{} absent", gone.join(", ")), WANTED)
    } else if ask.target().has_calico() {
        fail(format!("{}, which Calico needs", is_missing(&gone)))
            .values(format!("{} absent", gone.join(", ")), WANTED)
    } else {
        info(format!(
            "{}; network policies may need it",
            is_missing(&gone)
        ))
    })
}

fn conntrack(ask: &Ask<'_>) -> Verdict {
    let modules = ask.modules()?;
    let gone = absent(modules, &["nf_conntrack", "nf_nat"]);
    if !gone.is_empty() {
        return Ok(
            fail(format!("{}: nothing can be translated", is_missing(&gone)))
                .values(format!("{} absent", gone.join(", ")), WANTED),
        );
    }
    Ok(if absent(modules, &["nf_conntrack_netlink"]).is_empty() {
        pass("connections are tracked")
    } else if ask.target().has_calico() {
        warn("nf_conntrack_netlink is missing: old connections survive changes of policies")
            .values("absent", WANTED)
    } else {
        info("nf_conntrack_netlink is missing: old connections survive changes of endpoints")
    })
}

fn ipvs(ask: &Ask<'_>) -> Verdict {
    let names = ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack"];
    let gone = absent(ask.modules()?, &names);
    Ok(if gone.is_empty() {
        pass("IPVS can be used")
    } else if ask.plan().kube_proxy_mode == "ipvs" {
        fail(format!(
            "{}, which kube-proxy's planned mode needs",
            is_missing(&gone)
        ))
        .values(format!("{} absent", gone.join(", ")), WANTED)
    } else {
        info(format!(
            "{}; nothing that is planned needs it",
            is_missing(&gone)
        ))
    })
}
