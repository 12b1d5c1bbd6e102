//! WSL's kernel.

use super::{
    super::{kernel::missing_for_nodes, prelude::*},
    BASE,
};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "wsl-kernel-modules",
    title: "Modules of an own kernel",
    scope: Scope::Engine,
    reads: "whether the kernel is an own one, its modules, the features that nodes need",
    rule: "an own kernel without modules that lacks features of nodes fails",
    why: "since 6.6 most of the packet filter is modules on a disk of their own",
    remedies: &[Remedy::any(
        "go back to the stock kernel, build the features in, or supply the disk (kernelModules= in .wslconfig)",
        &["wsl.exe --update", "wsl.exe --shutdown"],
    )],
    run: modules,
    ..BASE
}];

fn modules(ask: &Ask<'_>) -> Verdict {
    let own = ask.view(Scope::Host, "wsl_custom_kernel", |view| {
        &view.wsl_custom_kernel
    })?;
    if own != Some(&true) {
        return Ok(pass("the stock kernel"));
    }
    let modules = ask.modules()?;
    if modules.dir_for_running_kernel {
        return Ok(pass("an own kernel with its modules"));
    }
    let (tables, rest) = missing_for_nodes(ask, modules);
    let missing = [tables, rest].concat().join(", ");
    Ok(if missing.is_empty() {
        pass("an own kernel with everything built in")
    } else {
        fail(format!(
            "an own kernel without its modules, and {missing} are not built in"
        ))
        .values("no modules", "modules of the kernel")
    })
}
