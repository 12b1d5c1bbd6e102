//! The operating system and its processor.

use super::{super::prelude::*, BASE, ENGINE};
use crate::doctor::{Fact, facts::MachineOs, parse::assignments};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "os-supported",
        title: "The operating system of the host",
        reads: "the kernel's name, `/etc/os-release`, the version of macOS",
        rule: "Linux passes; macOS below 13 warns, and so does any macOS where Gardener is wanted with IPv6; \
               NixOS and distributions without glibc are told, because paths and resolvers differ there",
        why: "Gardener's local setup has IPv6 on Linux with native IPv6 only; on a Mac parts of it stay unreachable",
        remedies: &[
            Remedy::any("use a Linux machine or virtual machine with IPv6", &[]),
            Remedy::platform(
                Platform::Macos,
                "keep to kind clusters here, and run Gardener with IPv6 on a Linux machine",
                &[],
            ),
        ],
        run: os_supported,
        ..BASE
    },
    Check {
        id: "cpu-arch-native",
        title: "Emulated processors",
        scope: Scope::Both,
        ceiling: Ceiling([W, W, W]),
        reads: "the architecture of host and engine; whether Rosetta translates this program",
        rule: "an engine of another architecture than the host, a translated program, or anything but amd64 and arm64 warns",
        why: "emulated nodes are several times slower and miss system calls; kind publishes node images for two architectures",
        remedies: &[
            Remedy::any(
                "install the build of garden6 and of the engine for this processor",
                &[],
            ),
            Remedy::provider(
                Provider::Colima,
                "make the virtual machine one of this processor",
                &["colima delete", "colima start --arch host --vm-type vz"],
            ),
        ],
        run: cpu_arch_native,
        ..ENGINE
    },
];

/// Distributions whose C library or folder layout differs from what most programs expect.
const UNUSUAL: [&str; 4] = ["alpine", "chimera", "nixos", "postmarketos"];
/// Oldest macOS that virtual machines of current providers run on.
const OLDEST_MACOS: u64 = 13;

fn os_supported(ask: &Ask<'_>) -> Verdict {
    match &ask.machine(Scope::Host)?.os {
        Fact::Known(MachineOs::Darwin) => macos(ask),
        Fact::Known(MachineOs::Linux) => {
            let text = ask
                .file(Scope::Host, "/etc/os-release")?
                .unwrap_or_default();
            let values = assignments::values(text);
            let id = values.get("ID").map_or("linux", String::as_str);
            let version = values.get("VERSION_ID").map_or("", String::as_str);
            Ok(if UNUSUAL.contains(&id) {
                info(format!(
                    "{id} {version} keeps files in unusual places or has another C library"
                ))
            } else {
                pass(format!("{id} {version}"))
            })
        }
        Fact::Known(MachineOs::Other(name)) => {
            Ok(fail(format!("{name} is neither Linux nor macOS")).values(name, "linux or darwin"))
        }
        _ => Err(Gap::NotRecorded {
            scope: Scope::Host,
            key: "os".to_owned(),
        }),
    }
}

fn macos(ask: &Ask<'_>) -> Verdict {
    let text = ask.view(Scope::Host, "macos", |view| &view.macos)?;
    let text = text.map_or("", String::as_str);
    let major: Option<u64> = text.split('.').next().and_then(|major| major.parse().ok());
    let Some(major) = major else {
        return Err(unknown(format!(
            "the version of macOS `{text}` cannot be read"
        )));
    };
    Ok(if major < OLDEST_MACOS {
        warn(format!("macOS {text} is older than {OLDEST_MACOS}")).values(text, OLDEST_MACOS)
    } else if ask.is_gardener() && ask.profile().has_ipv6() {
        warn(format!(
            "macOS {text}: Gardener's local setup has IPv6 on Linux only"
        ))
    } else {
        pass(format!("macOS {text}"))
    })
}

/// Both families of names for the same processor.
fn architecture(text: &str) -> &str {
    match text {
        "x86_64" | "amd64" => "amd64",
        "aarch64" | "arm64" => "arm64",
        other => other,
    }
}

fn cpu_arch_native(ask: &Ask<'_>) -> Verdict {
    let host = ask.machine(Scope::Host)?.uname_m.known();
    let host = architecture(host.map_or("", String::as_str));
    let engine = architecture(&ask.info()?.architecture);
    if ask.platform() == Platform::Macos
        && ask.view(Scope::Host, "translated", |view| &view.translated)? == Some(&true)
    {
        return Ok(warn(
            "Rosetta translates this program: it is the build for Intel",
        ));
    }
    Ok(if host != engine {
        warn(format!("the engine is {engine}, the host is {host}")).values(engine, host)
    } else if matches!(engine, "amd64" | "arm64") {
        pass(format!("host and engine are {engine}"))
    } else {
        warn(format!("kind publishes no node image for {engine}")).values(engine, "amd64 or arm64")
    })
}
