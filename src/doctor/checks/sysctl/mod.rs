//! Settings of the kernel that runs the engine. Nodes have network namespaces of their own: these
//! matter for the host's side of them, and for limits that all containers share.

mod accept_ra;
mod disable;
mod forwarding;
mod ipv4;
mod limits;
mod netfilter;
mod persistence;
mod rootless;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[
    disable::CHECKS,
    forwarding::CHECKS,
    accept_ra::CHECKS,
    ipv4::CHECKS,
    netfilter::CHECKS,
    limits::CHECKS,
    rootless::CHECKS,
    persistence::CHECKS,
];

const BASE: Check = Check {
    group: Group::Sysctl,
    platforms: LINUX_AND_WSL,
    scope: Scope::Engine,
    fix: FixClass::Root,
    ..Check::BASE
};

/// What to do about a sysctl on each kind of machine.
const fn set(text: &'static str, commands: &'static [&'static str]) -> [Remedy; 6] {
    [
        Remedy::any(text, commands),
        Remedy::provider(
            Provider::Colima,
            "set it in a `provision:` entry (mode system) of colima.yaml and restart",
            &["colima start --edit", "colima restart"],
        ),
        Remedy::provider(
            Provider::Lima,
            "set it in a `provision:` entry of the instance",
            &["limactl edit NAME"],
        ),
        Remedy::provider(
            Provider::Rancher,
            "set it in a provisioning script of Rancher Desktop's lima folder",
            &["rdctl shell sudo sysctl -w KEY=VALUE"],
        ),
        Remedy::provider(
            Provider::Podman,
            "set it in /etc/sysctl.d of the machine, which keeps it",
            &["podman machine ssh"],
        ),
        Remedy::provider(
            Provider::Desktop,
            "set it from a privileged container after each start of the virtual machine, which forgets it",
            &["docker run --rm --privileged --pid=host IMAGE nsenter -t 1 -a sysctl -w KEY=VALUE"],
        ),
    ]
}

/// The command that sets a key now.
fn write(key: &str, value: i64) -> String {
    format!("sudo sysctl -w {key}={value}")
}
