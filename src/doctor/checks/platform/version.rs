//! Versions of the engine and of its API.

use semver::Version;

use super::{super::prelude::*, ENGINE};
use crate::doctor::{Fact, parse::versions};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-api-version",
        title: "Versions of the Engine API",
        reads: "`/version` ApiVersion and MinAPIVersion, `DOCKER_API_VERSION`",
        rule: "below 1.41 fails; an engine whose oldest version is newer than garden6's newest fails; \
               below 1.44, and a pinned `DOCKER_API_VERSION`, are told",
        why: "kind asks for a cgroup namespace per node, which 1.41 brought; engines 29.0 to 29.2 refuse clients older than 1.44",
        remedies: &[Remedy::any(
            "upgrade the engine, and let clients negotiate the version",
            &["unset DOCKER_API_VERSION"],
        )],
        link: Some("https://docs.docker.com/reference/api/engine/version-history/"),
        run: api_version,
        ..ENGINE
    },
    Check {
        id: "docker-engine-version",
        title: "Releases of Docker Engine",
        reads: "`/version` (the component Engine where a product wraps it)",
        rule: "below 20.10 fails; 28.0.0 and 29.1.0 warn as releases with known defects; for IPv6, below 27 warns; \
               for IPv4, below 23 is told; 29.0 to 29.2 are told for the API versions that they refuse",
        why: "27 is the first release whose IPv6 networks work without experimental switches",
        remedies: &[
            Remedy::any(
                "upgrade from Docker's own package repository; distributions' packages trail behind",
                &["sudo apt-get install --only-upgrade docker-ce docker-ce-cli containerd.io"],
            ),
            Remedy::platform(Platform::Macos, "update the provider of the engine", &[]),
            Remedy::provider(
                Provider::Colima,
                "update colima and its virtual machine",
                &["brew upgrade colima", "colima update"],
            ),
        ],
        link: Some("https://docs.docker.com/engine/release-notes/"),
        run: engine_version,
        ..ENGINE
    },
    Check {
        id: "docker-os-type",
        title: "Linux containers",
        reads: "`/info` OSType",
        rule: "anything but linux fails",
        why: "Docker Desktop on Windows can run Windows containers, and nothing else then",
        remedies: &[Remedy::any(
            "switch Docker Desktop to Linux containers",
            &["DockerCli.exe -SwitchLinuxEngine"],
        )],
        run: os_type,
        ..ENGINE
    },
    Check {
        id: "docker-snap",
        title: "Docker from a snap",
        platforms: LINUX,
        ceiling: Ceiling([W, W, W]),
        reads: "`/info` DockerRootDir",
        rule: "a root folder below `/var/snap` warns",
        why: "the client cannot see `/tmp` and hidden folders, where kind keeps its temporary files, and the configuration is elsewhere",
        remedies: &[Remedy::any(
            "install Docker's or the distribution's package; until then let temporary files be below the home folder",
            &["sudo snap remove docker", "export TMPDIR=\"$HOME/tmp\""],
        )],
        run: snap,
        ..ENGINE
    },
];

/// Oldest API version that kind can use.
const OLDEST_API: Version = Version::new(1, 41, 0);
/// Versions below which newer engines may refuse clients.
const COMMON_API: Version = Version::new(1, 44, 0);

fn api_version(ask: &Ask<'_>) -> Verdict {
    let version = ask.engine_version()?;
    let Some(api) = versions::version(&version.api_version) else {
        return Err(unknown(format!(
            "the API version `{}` cannot be read",
            version.api_version
        )));
    };
    let newest = match &ask.docker().client_max_api {
        Fact::Known(text) => versions::version(text),
        _ => None,
    };
    let oldest = versions::version(&version.min_api_version);
    let text = &version.api_version;
    if api < OLDEST_API {
        return Ok(fail(format!("the engine speaks API {text} at most")).values(text, "1.41"));
    }
    if let (Some(oldest), Some(newest)) = (oldest, newest)
        && oldest > newest
    {
        let oldest = &version.min_api_version;
        return Ok(
            fail(format!("the engine refuses API versions below {oldest}"))
                .values(oldest, "1.53 or older"),
        );
    }
    if let Some(pinned) = ask.env("DOCKER_API_VERSION")? {
        return Ok(info(format!("DOCKER_API_VERSION pins clients to {pinned}")));
    }
    Ok(if api < COMMON_API {
        info(format!(
            "the engine speaks API {text}; clients of 1.44 or later may refuse it"
        ))
        .values(text, "1.44")
    } else {
        pass(format!("API {} to {text}", version.min_api_version))
    })
}

/// Releases with defects that hit this use, and what they are.
static BAD_RELEASES: [(Version, &str); 2] = [
    (
        Version::new(28, 0, 0),
        "needs kernel address sets, and does not start where IPv6 is off",
    ),
    (
        Version::new(29, 1, 0),
        "breaks external names on user-defined networks",
    ),
];

fn engine_version(ask: &Ask<'_>) -> Verdict {
    if ask.provider() == Provider::Podman {
        return skip("Podman counts its own versions");
    }
    let version = ask.engine()?;
    let bad = BAD_RELEASES.iter().find(|(bad, _)| *bad == version);
    let ipv6 = ask.profile().has_ipv6();
    Ok(if version < Version::new(20, 10, 0) {
        fail(format!("Docker Engine {version} cannot run kind nodes"))
            .values(&version, "27 or later")
    } else if let Some((_, defect)) = bad {
        warn(format!("Docker Engine {version} {defect}")).values(&version, "the next patch release")
    } else if ipv6 && version.major < 27 {
        warn(format!(
            "Docker Engine {version} has IPv6 networks behind experimental switches only"
        ))
        .values(&version, "27 or later")
    } else if !ipv6 && version.major < 23 {
        info(format!("Docker Engine {version} is no longer maintained"))
            .values(&version, "27 or later")
    } else if version.major == 29 && version.minor < 3 {
        info(format!(
            "Docker Engine {version} refuses clients older than API 1.44"
        ))
        .values(&version, "29.3 or later")
    } else {
        pass(format!("Docker Engine {version}"))
    })
}

fn os_type(ask: &Ask<'_>) -> Verdict {
    let os_type = ask.info()?.os_type.as_str();
    Ok(if os_type == "linux" {
        pass("the engine runs Linux containers")
    } else {
        fail(format!("the engine runs {os_type} containers")).values(os_type, "linux")
    })
}

fn snap(ask: &Ask<'_>) -> Verdict {
    let folder = ask.info()?.docker_root_dir.as_str();
    Ok(if folder.starts_with("/var/snap/") {
        warn(format!("Docker is installed as a snap ({folder})")).values(folder, "/var/lib/docker")
    } else {
        pass(format!("the engine keeps its files in {folder}"))
    })
}
