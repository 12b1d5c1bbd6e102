//! What the Mac and the virtual machine see of each other.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "vm-node-ip-reachability",
        title: "Addresses of nodes from the Mac",
        scope: Scope::Host,
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "the provider and its settings",
        rule: "told for all providers whose networks the Mac has no route to",
        why: "on Linux a node's address is reached from the host, here it is not",
        remedies: &[Remedy::any(
            "use published ports or forward them",
            &["kubectl port-forward service/NAME 8080:80"],
        )],
        run: node_addresses,
        ..BASE
    },
    Check {
        id: "vm-loopback-mirroring",
        title: "Loopback addresses in the virtual machine",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Restart,
        needs: &[Need::Gardener],
        reads: "the provider and its settings",
        rule: "Docker Desktop passes, the others warn",
        why: "publishing on an address needs that address where the engine runs",
        remedies: &[
            Remedy::any(
                "add the addresses inside the virtual machine as well, in a provisioning step",
                &[],
            ),
            Remedy::provider(
                Provider::Colima,
                "let colima mirror them (network.hostAddresses, IPv4 only) and add the IPv6 ones in a `provision:` entry",
                &["colima start --edit", "colima restart"],
            ),
        ],
        run: mirroring,
        ..BASE
    },
    Check {
        id: "desktop-file-sharing",
        title: "The working directory in the virtual machine",
        scope: Scope::Host,
        ceiling: Ceiling([W, W, W]),
        reads: "the working directory, the folders that the provider shares",
        rule: "one that is not shared warns",
        why: "a mount of it is an empty folder, without an error",
        remedies: &[
            Remedy::any("work below the home folder", &["cd ~"]),
            Remedy::provider(
                Provider::Desktop,
                "share the folder in Settings → Resources → File sharing",
                &[],
            ),
            Remedy::provider(
                Provider::Colima,
                "add the folder to mounts in colima.yaml",
                &["colima start --edit"],
            ),
        ],
        run: file_sharing,
        ..BASE
    },
];

fn node_addresses(ask: &Ask<'_>) -> Verdict {
    let provider = ask.provider();
    let address = ask.vm().and_then(|vm| vm.network_address) == Some(true);
    match provider {
        Provider::Unknown => skip("the provider of the engine is not known"),
        Provider::Orbstack => Ok(pass("OrbStack routes to containers")),
        Provider::Colima | Provider::Lima if address => {
            Ok(pass("the virtual machine has an address of the network"))
        }
        _ => Ok(info(format!(
            "the Mac does not reach addresses of nodes inside {provider}"
        ))),
    }
}

fn mirroring(ask: &Ask<'_>) -> Verdict {
    let provider = ask.provider();
    let mirrored = ask.vm().and_then(|vm| vm.host_addresses) == Some(true);
    match provider {
        Provider::Unknown => skip("the provider of the engine is not known"),
        Provider::Desktop => Ok(pass("Docker Desktop publishes on addresses of the Mac")),
        _ if mirrored && !ask.profile().has_ipv6() => {
            Ok(pass("IPv4 addresses of loopback are mirrored"))
        }
        _ => Ok(warn(format!(
            "loopback addresses of the Mac do not exist inside {provider}"
        ))
        .values("not mirrored", "added in the virtual machine")),
    }
}

fn file_sharing(ask: &Ask<'_>) -> Verdict {
    let Some(workdir) = ask.workdir()? else {
        return Err(unknown("the working directory cannot be read"));
    };
    match workdir.shared_with_vm {
        Some(true) => Ok(pass(format!("{} is shared", workdir.path))),
        Some(false) => Ok(warn(format!(
            "{} is not shared with the virtual machine",
            workdir.path
        ))
        .values(&workdir.path, "a shared folder")),
        None => Err(unknown(
            "the provider does not tell which folders it shares",
        )),
    }
}
