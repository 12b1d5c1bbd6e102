//! What the init system and its services say. Asked only where they run.

use super::{
    programs::{self, TOOL},
    source::Source,
};
use crate::doctor::{
    Fact,
    facts::{CommandAnswer, Machine, Scalar, Services},
    parse::services as parse,
};

/// One question for all units.
const SHOW: [&str; 8] = [
    "show",
    "--property=Id,ActiveState,UnitFileState,LimitNOFILE",
    "firewalld.service",
    "nftables.service",
    "systemd-resolved.service",
    "docker.service",
    "--no-pager",
    "--all",
];

/// Fills in services, the version of systemd, who keeps the clock, and what manages links.
pub(super) async fn ask(source: &dyn Source, into: &mut Machine) {
    let systemd = source.exists("/run/systemd/system");
    let (units, version, clock, links) = tokio::join!(
        when(systemd, "systemctl", &SHOW),
        when(systemd, "systemctl", &["--version"]),
        when(
            systemd,
            "timedatectl",
            &["show", "--property=NTPSynchronized"]
        ),
        when(
            source.exists("/run/NetworkManager"),
            "nmcli",
            &["-t", "-f", "DEVICE,STATE", "device"]
        ),
    );
    let view = &mut into.view;
    view.systemd = text_of(version).and_then_known(|text| parse::systemd_version(&text));
    view.ntp_synchronized = text_of(clock)
        .and_then_known(|text| Some(parse::property(&text, "NTPSynchronized")? == "yes"));
    view.nm_manages_bridges = match text_of(links) {
        Fact::Absent => Fact::Known(false),
        other => other.map(|text| parse::nm_manages_bridges(&text)),
    };
    into.services = Fact::Known(match text_of(units) {
        Fact::Known(text) => from_systemd(&text),
        Fact::Absent => from_files(source),
        other => all(&other.map(|_| Scalar::default())),
    });
    let active = into.services.known().is_some_and(|services| {
        matches!(services.0.get("firewalld"), Some(Fact::Known(state)) if state.as_str() == "active")
    });
    into.view.firewalld = if active {
        let (zone, policies) = tokio::join!(
            programs::answer("firewall-cmd", &["--get-zone-of-interface=docker0"], TOOL),
            programs::answer("firewall-cmd", &["--get-policies"], TOOL),
        );
        match (zone, text_of(policies)) {
            // Without a zone the program prints so and fails.
            (Fact::Known(zone), Fact::Known(policies)) => {
                let zone = if zone.succeeded() {
                    zone.out
                } else {
                    String::new()
                };
                Fact::Known(parse::firewalld(&zone, &policies))
            }
            (_, Fact::Unavailable(reason)) => Fact::Unavailable(reason),
            _ => Fact::Unavailable("firewall-cmd does not answer".to_owned()),
        }
    } else {
        Fact::Absent
    };
}

async fn when(asked: bool, program: &str, arguments: &[&str]) -> Fact<CommandAnswer> {
    if asked {
        programs::answer(program, arguments, TOOL).await
    } else {
        Fact::Absent
    }
}

/// What a program printed; a failure is one that we do not have.
fn text_of(answer: Fact<CommandAnswer>) -> Fact<String> {
    match answer {
        Fact::Known(answer) if answer.succeeded() => Fact::Known(answer.out),
        Fact::Known(answer) => Fact::Unavailable(answer.first_line().to_owned()),
        other => other.map(|answer| answer.out),
    }
}

trait AndThenKnown {
    /// Reads an answer further; one without meaning says nothing.
    fn and_then_known<T>(self, read: impl FnOnce(String) -> Option<T>) -> Fact<T>;
}

impl AndThenKnown for Fact<String> {
    fn and_then_known<T>(self, read: impl FnOnce(String) -> Option<T>) -> Fact<T> {
        match self {
            Self::Known(text) => Fact::from_option(read(text)),
            Self::Absent => Fact::Absent,
            Self::Denied => Fact::Denied,
            Self::NotRecorded => Fact::NotRecorded,
            Self::Unavailable(reason) => Fact::Unavailable(reason),
        }
    }
}

/// Reads the blocks of `systemctl show`, one per unit.
fn from_systemd(text: &str) -> Services {
    let mut services = all(&Fact::Absent);
    for block in text.split("\n\n") {
        let property = |name| parse::property(block, name).filter(|value| !value.is_empty());
        let (key, value) = match property("Id") {
            Some("firewalld.service") => ("firewalld", property("ActiveState")),
            Some("systemd-resolved.service") => ("systemd-resolved", property("ActiveState")),
            Some("nftables.service") => ("nftables", property("UnitFileState")),
            Some("docker.service") => ("docker_nofile", property("LimitNOFILE")),
            _ => continue,
        };
        let value = Fact::from_option(value.map(Scalar::from));
        services.0.insert(key.to_owned(), value);
    }
    services
}

/// Without systemd the services' own traces tell.
fn from_files(source: &dyn Source) -> Services {
    let active = |paths: &[&str]| {
        let there = paths.iter().any(|path| source.exists(path));
        Fact::Known(Scalar::from(if there { "active" } else { "inactive" }))
    };
    let mut services = all(&Fact::Absent);
    services.0.insert(
        "firewalld".to_owned(),
        active(&["/run/firewalld.pid", "/var/run/firewalld.pid"]),
    );
    services.0.insert(
        "systemd-resolved".to_owned(),
        active(&["/run/systemd/resolve/stub-resolv.conf"]),
    );
    services
        .0
        .insert("docker_nofile".to_owned(), daemon_limit(source));
    services
}

/// The hard limit of open files of the engine's process (`proc_pid_limits(5)`).
fn daemon_limit(source: &dyn Source) -> Fact<Scalar> {
    let limits = source
        .text("/var/run/docker.pid")
        .map(|pid| source.read(&format!("/proc/{}/limits", pid.trim())));
    match limits {
        Some(Fact::Known(text)) => {
            let line = text.lines().find(|line| line.starts_with("Max open files"));
            let hard = line.and_then(|line| line.split_whitespace().nth(4));
            Fact::from_option(hard.map(|value| {
                Scalar::from(if value == "unlimited" {
                    "infinity"
                } else {
                    value
                })
            }))
        }
        Some(other) => other.map(|_| Scalar::default()),
        None => Fact::Absent,
    }
}

fn all(fact: &Fact<Scalar>) -> Services {
    Services(
        crate::doctor::facts::keys::SERVICES
            .iter()
            .map(|name| ((*name).to_owned(), fact.clone()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    #[test]
    fn one_answer_of_systemd_tells_all_units() {
        let text = "Id=firewalld.service\nActiveState=active\nUnitFileState=enabled\n\n\
            Id=nftables.service\nActiveState=inactive\nUnitFileState=disabled\n\n\
            Id=systemd-resolved.service\nActiveState=inactive\nUnitFileState=\n\n\
            Id=docker.service\nLimitNOFILE=524288\nActiveState=active\n";
        let services = from_systemd(text);
        for (name, value) in [
            ("firewalld", "active"),
            ("nftables", "disabled"),
            ("systemd-resolved", "inactive"),
            ("docker_nofile", "524288"),
        ] {
            assert_eq!(services.0[name], Fact::Known(Scalar::from(value)), "{name}");
        }
        assert_eq!(from_systemd("").0["nftables"], Fact::Absent);
    }

    #[test]
    fn without_systemd_files_tell() {
        let source = Texts::of([
            ("/run/firewalld.pid", "12"),
            ("/var/run/docker.pid", "7"),
            (
                "/proc/7/limits",
                "Limit Soft Hard Units\nMax open files            1024                 1048576              files\n",
            ),
        ]);
        let services = from_files(&source);
        assert_eq!(services.0["firewalld"], Fact::Known(Scalar::from("active")));
        assert_eq!(
            services.0["systemd-resolved"],
            Fact::Known(Scalar::from("inactive"))
        );
        assert_eq!(
            services.0["docker_nofile"],
            Fact::Known(Scalar::from("1048576"))
        );
    }
}
