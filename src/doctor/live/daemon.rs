//! Where the engine's configuration is, and how the engine was started.

use std::path::PathBuf;

use serde_json::Value;

use super::{endpoint::Endpoint, source::Source};
use crate::doctor::{
    Fact,
    facts::{Docker, EnvironmentVariables},
    parse::daemon,
};

/// Which kind of engine answers, as far as its configuration has another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flavour {
    Package,
    Snap,
    Rootless,
    Desktop,
    Orbstack,
    Elsewhere,
}

/// Fills in configuration and arguments.
pub(super) fn read(
    source: &dyn Source,
    endpoint: &Endpoint,
    env: &EnvironmentVariables,
    docker: &mut Docker,
) {
    let flavour = flavour(endpoint, docker);
    docker.dockerd_args = arguments(source, flavour, env);
    let path = config_file(docker.dockerd_args.known())
        .or_else(|| default_file(flavour, env))
        .map(|path| path.display().to_string());
    let Some(path) = path else {
        let reason = "the engine's configuration is on another machine";
        docker.daemon_json = Fact::Unavailable(reason.to_owned());
        docker.daemon_json_path = Fact::Unavailable(reason.to_owned());
        return;
    };
    docker.daemon_json = source.read(&path).map(|text| daemon::json(&text));
    docker.daemon_json_path = Fact::Known(path);
}

/// Whether the client's configuration puts proxies into containers.
pub(super) fn client_proxies(config: &Fact<String>) -> Fact<bool> {
    match config {
        Fact::Absent => Fact::Known(false),
        other => other.clone().map(|text| {
            let config: Value = serde_json::from_str(&text).unwrap_or_default();
            config["proxies"]
                .as_object()
                .is_some_and(|proxies| !proxies.is_empty())
        }),
    }
}

fn flavour(endpoint: &Endpoint, docker: &Docker) -> Flavour {
    let Endpoint::Unix(socket) = endpoint else {
        return Flavour::Elsewhere;
    };
    let socket = socket.display().to_string();
    let info = docker.info.known();
    let system = info.map_or("", |info| info.operating_system.as_str());
    if system == "Docker Desktop" || socket.contains("/.docker/") {
        return Flavour::Desktop;
    }
    if system == "OrbStack" || socket.contains("/.orbstack/") {
        return Flavour::Orbstack;
    }
    if ["/.colima/", "/.lima/", "/.rd/", "/podman"]
        .iter()
        .any(|part| socket.contains(part))
    {
        return Flavour::Elsewhere;
    }
    if info.is_some_and(|info| info.docker_root_dir.starts_with("/var/snap/")) {
        return Flavour::Snap;
    }
    if socket.starts_with("/run/user/")
        || info.is_some_and(|info| info.has_security_option("rootless"))
    {
        return Flavour::Rootless;
    }
    Flavour::Package
}

fn default_file(flavour: Flavour, env: &EnvironmentVariables) -> Option<PathBuf> {
    let home = || env.get("HOME").map(PathBuf::from);
    match flavour {
        Flavour::Package => Some(PathBuf::from("/etc/docker/daemon.json")),
        Flavour::Snap => Some(PathBuf::from("/var/snap/docker/current/config/daemon.json")),
        Flavour::Rootless => {
            let base = env.get("XDG_CONFIG_HOME").map(PathBuf::from);
            let base = base.or_else(|| Some(home()?.join(".config")))?;
            Some(base.join("docker/daemon.json"))
        }
        Flavour::Desktop => Some(home()?.join(".docker/daemon.json")),
        Flavour::Orbstack => Some(home()?.join(".orbstack/config/docker.json")),
        Flavour::Elsewhere => None,
    }
}

/// `--config-file`, which the engine obeys first.
fn config_file(arguments: Option<&Vec<String>>) -> Option<PathBuf> {
    let values = daemon::flag(arguments?, "config-file");
    values.last().map(PathBuf::from)
}

fn arguments(
    source: &dyn Source,
    flavour: Flavour,
    env: &EnvironmentVariables,
) -> Fact<Vec<String>> {
    let folder = match flavour {
        Flavour::Package | Flavour::Snap => Some("/var/run"),
        Flavour::Rootless => env.get("XDG_RUNTIME_DIR").map(String::as_str),
        Flavour::Desktop | Flavour::Orbstack | Flavour::Elsewhere => None,
    };
    let Some(folder) = folder else {
        return Fact::Unavailable("the engine runs on another machine".to_owned());
    };
    let recorded = source
        .text(&format!("{folder}/docker.pid"))
        .and_then(|text| text.trim().parse::<u32>().ok());
    let Some(pid) = recorded
        .filter(|pid| is_dockerd(source, *pid))
        .or_else(|| find(source))
    else {
        return Fact::Unavailable("no process dockerd is visible".to_owned());
    };
    source
        .read(&format!("/proc/{pid}/cmdline"))
        .map(|text| daemon::arguments(&text))
}

/// The file may be left over, and the number somebody else's by now.
fn is_dockerd(source: &dyn Source, pid: u32) -> bool {
    source
        .text(&format!("/proc/{pid}/comm"))
        .is_some_and(|name| name.trim() == "dockerd")
}

fn find(source: &dyn Source) -> Option<u32> {
    let Fact::Known(names) = source.list("/proc") else {
        return None;
    };
    names
        .iter()
        .filter_map(|name| name.parse().ok())
        .find(|pid| is_dockerd(source, *pid))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::{facts::EngineInfo, live::source::tests::Texts};

    fn env() -> EnvironmentVariables {
        [("HOME", "/home/dev"), ("XDG_RUNTIME_DIR", "/run/user/1000")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    fn path(socket: &str, info: EngineInfo) -> Fact<String> {
        let mut docker = Docker {
            info: Fact::Known(info),
            ..Docker::default()
        };
        read(
            &Texts::default(),
            &Endpoint::parse(socket),
            &env(),
            &mut docker,
        );
        docker.daemon_json_path
    }

    #[test]
    fn the_configuration_is_where_this_kind_of_engine_reads_it() {
        let plain = EngineInfo::default;
        let rootless = EngineInfo {
            security_options: vec!["name=rootless".to_owned()],
            ..plain()
        };
        let snap = EngineInfo {
            docker_root_dir: "/var/snap/docker/common".to_owned(),
            ..plain()
        };
        for (socket, info, expected) in [
            (
                "unix:///var/run/docker.sock",
                plain(),
                "/etc/docker/daemon.json",
            ),
            (
                "unix:///var/run/docker.sock",
                snap,
                "/var/snap/docker/current/config/daemon.json",
            ),
            (
                "unix:///run/user/1000/docker.sock",
                plain(),
                "/home/dev/.config/docker/daemon.json",
            ),
            (
                "unix:///var/run/docker.sock",
                rootless,
                "/home/dev/.config/docker/daemon.json",
            ),
            (
                "unix:///home/dev/.docker/desktop/docker.sock",
                plain(),
                "/home/dev/.docker/daemon.json",
            ),
            (
                "unix:///home/dev/.orbstack/run/docker.sock",
                plain(),
                "/home/dev/.orbstack/config/docker.json",
            ),
        ] {
            assert_eq!(
                path(socket, info),
                Fact::Known(expected.to_owned()),
                "{socket}"
            );
        }
        assert!(matches!(
            path("tcp://192.0.2.1:2375", plain()),
            Fact::Unavailable(_)
        ));
    }

    #[test]
    fn the_arguments_are_those_of_the_process_that_runs() {
        let source = Texts::of([
            ("/var/run/docker.pid", "7\n"),
            ("/proc/7/comm", "bash\n"),
            ("/proc/9/comm", "dockerd\n"),
            (
                "/proc/9/cmdline",
                "/usr/bin/dockerd\0--config-file=/srv/d.json\0",
            ),
            ("/srv/d.json", "{\"ipv6\": tru"),
        ]);
        let mut docker = Docker::default();
        let endpoint = Endpoint::parse("unix:///var/run/docker.sock");
        read(&source, &endpoint, &env(), &mut docker);
        assert_eq!(
            docker.dockerd_args.known().unwrap(),
            &["--config-file=/srv/d.json"]
        );
        assert_eq!(docker.daemon_json, Fact::Known(json!("{\"ipv6\": tru")));
    }

    #[test]
    fn proxies_of_the_client_are_seen() {
        let of = |text: &str| client_proxies(&Fact::Known(text.to_owned()));
        assert_eq!(of(r#"{"proxies":{"default":{}}}"#), Fact::Known(true));
        assert_eq!(of(r#"{"proxies":{}}"#), Fact::Known(false));
        assert_eq!(of("rubbish"), Fact::Known(false));
        assert_eq!(client_proxies(&Fact::Absent), Fact::Known(false));
        assert_eq!(client_proxies(&Fact::Denied), Fact::Denied);
    }
}
