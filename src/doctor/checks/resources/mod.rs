//! Processors, memory, disks, limits, clocks.

mod clock;
mod disk;
mod limits;
mod size;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[size::CHECKS, disk::CHECKS, limits::CHECKS, clock::CHECKS];

const BASE: Check = Check {
    group: Group::Resources,
    scope: Scope::Engine,
    ..Check::BASE
};

/// Where a virtual machine is made larger.
const GROW: [Remedy; 6] = [
    Remedy::provider(
        Provider::Colima,
        "give the virtual machine more (its disk only grows)",
        &["colima stop", "colima start --cpu 8 --memory 16 --disk 150"],
    ),
    Remedy::provider(
        Provider::Lima,
        "give the virtual machine more",
        &["limactl edit --set '.cpus=8' --set '.memory=\"16GiB\"' NAME"],
    ),
    Remedy::provider(
        Provider::Desktop,
        "give the virtual machine more in Settings → Resources",
        &[],
    ),
    Remedy::provider(
        Provider::Orbstack,
        "raise the ceiling in the settings",
        &["orb config set memory_mib 16384"],
    ),
    Remedy::provider(
        Provider::Podman,
        "give the virtual machine more",
        &[
            "podman machine stop",
            "podman machine set --cpus 8 --memory 16384 --disk-size 150",
            "podman machine start",
        ],
    ),
    Remedy::platform(
        Platform::Wsl,
        "raise processors= and memory= in .wslconfig",
        &["wsl.exe --shutdown"],
    ),
];

/// What to do about a machine that is too small.
const fn grow(text: &'static str, commands: &'static [&'static str]) -> [Remedy; 7] {
    let [colima, lima, desktop, orbstack, podman, wsl] = GROW;
    [
        Remedy::any(text, commands),
        colima,
        lima,
        desktop,
        orbstack,
        podman,
        wsl,
    ]
}
