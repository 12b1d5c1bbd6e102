//! The release of the kernel that runs the engine, and its features.

mod devices;
mod filters;
mod lookup;
mod matches;
mod release;
mod tunnels;

use super::prelude::*;

pub(super) use lookup::{Variant, missing_for_nodes, variant};

pub(super) const CHECKS: &[&[Check]] = &[
    release::CHECKS,
    filters::CHECKS,
    matches::CHECKS,
    tunnels::CHECKS,
    devices::CHECKS,
];

const BASE: Check = Check {
    group: Group::Kernel,
    scope: Scope::Engine,
    fix: FixClass::Root,
    remedies: &LOAD,
    ..Check::BASE
};

/// What to do about a feature that is not there.
const LOAD: [Remedy; 4] = [
    Remedy::any(
        "load the modules now and at every boot; where the kernel has none, install the package with its extra modules",
        &[
            "sudo modprobe NAME",
            "echo NAME | sudo tee -a /etc/modules-load.d/garden6.conf",
        ],
    ),
    Remedy::platform(
        Platform::Wsl,
        "go back to the stock kernel, or supply the module disk of the own one (kernelModules= in .wslconfig)",
        &["wsl.exe --update", "wsl.exe --shutdown"],
    ),
    Remedy::platform(
        Platform::Macos,
        "use the provider's stock virtual machine image, and load the modules in a provisioning step",
        &[],
    ),
    Remedy::provider(
        Provider::Colima,
        "load the modules in a `provision:` entry (mode system) of colima.yaml",
        &["colima start --edit", "colima restart"],
    ),
];

/// The command that loads modules.
fn modprobe(names: &[&str]) -> String {
    format!("sudo modprobe -a {}", names.join(" "))
}
