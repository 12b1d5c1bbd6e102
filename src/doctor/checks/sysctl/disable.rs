//! IPv6 that is switched off.

use super::{super::prelude::*, BASE, set, write};

const REBOOT: &[Remedy] = &[
    Remedy::any(
        "remove `ipv6.disable=1` from the kernel's command line, restart, and delete the node network that was made meanwhile",
        &[
            "sudo editor /etc/default/grub",
            "sudo update-grub",
            "sudo grubby --update-kernel=ALL --remove-args=ipv6.disable=1",
        ],
    ),
    Remedy::platform(
        Platform::Wsl,
        "remove it from kernelCommandLine in .wslconfig",
        &["wsl.exe --shutdown"],
    ),
    Remedy::platform(
        Platform::Macos,
        "use the provider's own virtual machine image",
        &[],
    ),
];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ipv6-kernel-enabled",
        title: "IPv6 in the kernel",
        platforms: EVERYWHERE,
        ceiling: Ceiling([F, F, I]),
        fix: FixClass::Reboot,
        reads: "`/proc/sys/net/ipv6`, the kernel's command line",
        rule: "none fails, and is told where only IPv4 is wanted",
        why: "kind sets an IPv6 sysctl for each node, which does not exist then; Docker 28.0.0 does not even start unless `ip6tables` is off",
        remedies: REBOOT,
        run: kernel,
        ..BASE
    },
    Check {
        id: "ipv6-disable-all",
        title: "IPv6 on all interfaces",
        ceiling: Ceiling([F, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "`net.ipv6.conf.all.disable_ipv6`",
        rule: "1 fails",
        why: "it takes IPv6 from every interface, loopback included: nothing can listen on ::1",
        remedies: &set(
            "set it to 0; that switches IPv6 on for every interface again",
            &["sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0"],
        ),
        run: all,
        ..BASE
    },
    Check {
        id: "ipv6-disable-default",
        title: "IPv6 on new interfaces",
        ceiling: Ceiling([W, W, N]),
        reads: "`net.ipv6.conf.default.disable_ipv6`",
        rule: "1 warns",
        why: "interfaces that are made later inherit it; the engine repairs its own bridges only",
        remedies: &set(
            "set it to 0 together with `all`, and find the file that sets it",
            &["sudo sysctl -w net.ipv6.conf.default.disable_ipv6=0"],
        ),
        run: default,
        ..BASE
    },
    Check {
        id: "ipv6-disable-lo",
        title: "IPv6 on loopback",
        ceiling: Ceiling([F, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "`net.ipv6.conf.lo.disable_ipv6`",
        rule: "1 fails",
        why: "without ::1 the API server cannot be published, and Gardener has no place for its load balancers",
        remedies: &set(
            "set it to 0; add the address if it does not come back",
            &[
                "sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0",
                "sudo ip -6 addr add ::1/128 dev lo",
            ],
        ),
        run: lo,
        ..BASE
    },
    Check {
        id: "ipv6-disable-uplink",
        title: "IPv6 on the uplink",
        ceiling: Ceiling([W, W, N]),
        reads: "`disable_ipv6` of the device of the default route",
        rule: "1 warns, unless all or default say so already",
        why: "a network manager or a VPN client took IPv6 from one interface; the kernel is fine",
        remedies: &set(
            "let the network manager configure IPv6, or disconnect the VPN",
            &["nmcli connection modify NAME ipv6.method auto"],
        ),
        run: uplink,
        ..BASE
    },
];

fn kernel(ask: &Ask<'_>) -> Verdict {
    if ask.kernel_has_ipv6()? {
        return Ok(pass("the kernel has IPv6"));
    }
    let hint = if ask.profile().has_ipv6() {
        ""
    } else {
        "; Docker 28.0.0 does not start like this unless `ip6tables` is false"
    };
    Ok(fail(format!("the kernel has no IPv6{hint}")).values("no /proc/sys/net/ipv6", "IPv6"))
}

const ALL: &str = "net.ipv6.conf.all.disable_ipv6";
const DEFAULT: &str = "net.ipv6.conf.default.disable_ipv6";

fn all(ask: &Ask<'_>) -> Verdict {
    switched_off(
        ask,
        ALL,
        "IPv6 is switched off on all interfaces, loopback included",
    )
}

fn default(ask: &Ask<'_>) -> Verdict {
    ask.need_kernel_ipv6()?;
    Ok(if ask.sysctl(DEFAULT)? == Some(1) {
        warn("new interfaces get no IPv6")
            .values(1, 0)
            .command(write(DEFAULT, 0))
    } else {
        pass("new interfaces get IPv6")
    })
}

fn lo(ask: &Ask<'_>) -> Verdict {
    switched_off(
        ask,
        "net.ipv6.conf.lo.disable_ipv6",
        "IPv6 is switched off on loopback",
    )
}

fn switched_off(ask: &Ask<'_>, key: &str, text: &str) -> Verdict {
    ask.need_kernel_ipv6()?;
    Ok(if ask.sysctl(key)? == Some(1) {
        fail(text)
            .values(format!("{key} = 1"), "0")
            .command(write(key, 0))
    } else {
        pass(format!("{key} is 0"))
    })
}

fn uplink(ask: &Ask<'_>) -> Verdict {
    ask.need_kernel_ipv6()?;
    if ask.sysctl(ALL)? == Some(1) || ask.sysctl(DEFAULT)? == Some(1) {
        return Ok(pass("all interfaces are alike, see ipv6-disable-all"));
    }
    let key = "net.ipv6.conf.uplink.disable_ipv6";
    Ok(if ask.sysctl(key)? == Some(1) {
        let device = super::forwarding::uplink_name(ask);
        warn(format!("{device} has no IPv6, the other interfaces do"))
            .values(1, 0)
            .command(write(&key.replace("uplink", &device), 0))
    } else {
        pass("the uplink has IPv6")
    })
}
