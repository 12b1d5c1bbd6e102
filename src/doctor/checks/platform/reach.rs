//! Which engine there is, and whether it can be reached.

use super::{super::prelude::*, BASE, ENGINE};
use crate::doctor::facts::Ping;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "engine-provider",
        title: "What provides the engine",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::None,
        reads: "`/info`, `/version`, the endpoint",
        rule: "Podman warns, because kind supports it as an experiment only; an engine nobody here knows is told",
        why: "what IPv6 can do differs from everything (Linux, OrbStack, current Docker Desktop) to nothing \
              (podman machine, Rancher Desktop), and so does nearly every remedy",
        remedies: &[Remedy::any(
            "use Docker Engine, or a provider whose containers have IPv6",
            &[],
        )],
        run: provider,
        ..ENGINE
    },
    Check {
        id: "docker-context-resolved",
        title: "Which engine the clients talk to",
        reads: "`DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of the client",
        rule: "a selected context that does not exist fails; an engine behind `ssh://` or `tcp://` warns; \
               `DOCKER_HOST` beside a selected context is told, because the context has no effect then",
        why: "kind starts the docker client, garden6 talks to the socket: unless both end at the same engine, \
              each sees half of the cluster",
        remedies: &[Remedy::any(
            "select one engine for all clients",
            &[
                "docker context ls",
                "docker context use NAME",
                "unset DOCKER_HOST",
            ],
        )],
        link: Some("https://docs.docker.com/engine/manage-resources/contexts/"),
        run: context,
        ..BASE
    },
    Check {
        id: "docker-socket-reachable",
        title: "Whether the engine answers",
        reads: "`GET /_ping` at the resolved endpoint, three seconds at most",
        rule: "no socket, nobody listening, no answer in time and an answer of something else fail; \
               a refusal for want of rights is left to docker-socket-permission",
        why: "everything about the engine is skipped until it answers",
        remedies: &[
            Remedy::any("start the engine", &["sudo systemctl enable --now docker"]),
            Remedy::platform(
                Platform::Wsl,
                "start the engine in the distribution, or switch Docker Desktop's integration on",
                &["sudo service docker start"],
            ),
            Remedy::platform(
                Platform::Macos,
                "start the provider that is installed",
                &[
                    "colima start",
                    "orb start",
                    "open -a Docker",
                    "rdctl start",
                    "podman machine start",
                ],
            ),
        ],
        run: reachable,
        ..BASE
    },
    Check {
        id: "docker-socket-permission",
        title: "Whether this user may ask the engine",
        platforms: LINUX_AND_WSL,
        fix: FixClass::Root,
        reads: "the answer of the socket, its group, the groups of this process and of the user",
        rule: "a refusal fails: not in the group, in the group since after this log-in, or a socket of group root",
        why: "the commonest surprise after installing Docker; the cases need different advice",
        remedies: &[Remedy::any(
            "join the group of the socket and log in again; this equals root's rights. A rootless engine needs no group",
            &["sudo usermod -aG docker \"$USER\"", "newgrp docker"],
        )],
        link: Some("https://docs.docker.com/engine/install/linux-postinstall/"),
        run: permission,
        ..BASE
    },
];

fn provider(ask: &Ask<'_>) -> Verdict {
    let name = ask.info()?.operating_system.as_str();
    Ok(match ask.provider() {
        Provider::Podman => warn(format!(
            "Podman ({name}) behind Docker's API: kind supports it as an experiment"
        )),
        Provider::Unknown => info(format!("an engine on {name} that is not known here")),
        known => pass(format!("{known} on {name}")),
    })
}

fn context(ask: &Ask<'_>) -> Verdict {
    let context = ask.context()?.cloned().unwrap_or_default();
    if !context.exists {
        let name = &context.selected;
        return Ok(fail(format!(
            "the Docker context `{name}` is selected and does not exist"
        ))
        .values(name, "a context of `docker context ls`")
        .command("docker context use default"));
    }
    let endpoint = ask.endpoint()?.unwrap_or_default();
    if endpoint.starts_with("ssh://") || endpoint.starts_with("tcp://") {
        return Ok(warn(format!(
            "the engine is at {endpoint}: published ports, mounts and loopback addresses are those of that machine"
        ))
        .values(endpoint, "a local socket"));
    }
    if let Some(host) = ask.env("DOCKER_HOST")?
        && context.selected != "default"
    {
        let name = &context.selected;
        return Ok(info(format!(
            "DOCKER_HOST is {host}, so the selected context `{name}` has no effect"
        )));
    }
    Ok(pass(format!("all clients use {endpoint}")))
}

fn reachable(ask: &Ask<'_>) -> Verdict {
    let endpoint = if_known(ask.endpoint()).unwrap_or("the default endpoint");
    let ping = ask.ping()?;
    let broken = |what: &str| Ok(fail(format!("{endpoint}: {what}")).values(ping, "ok"));
    match ping {
        Ping::Ok => Ok(pass(format!("the engine answers at {endpoint}"))),
        Ping::Denied if ask.platform() != Platform::Macos => {
            skip("this user may not connect, see docker-socket-permission")
        }
        Ping::Denied => broken("this user may not connect"),
        Ping::NoSocket => broken("there is no socket; the engine is not installed or not started"),
        Ping::Refused => {
            broken("nobody listens; the socket was left behind by an engine that ended")
        }
        Ping::TimedOut => broken("no answer in time; the engine hangs"),
        Ping::Other(text) => broken(text),
    }
}

fn permission(ask: &Ask<'_>) -> Verdict {
    match ask.ping()? {
        Ping::Ok => return Ok(pass("this user may ask the engine")),
        Ping::Denied => {}
        _ => return skip("the socket does not answer, see docker-socket-reachable"),
    }
    let socket = if_known(ask.view(Scope::Host, "socket", |view| &view.socket));
    let user = if_known(ask.view(Scope::Host, "user", |view| &view.user));
    let name = if_known(ask.env("USER")).unwrap_or("this user");
    let group = socket.map_or("docker", |socket| socket.group.as_str());
    let member = socket.is_some_and(|socket| socket.members.iter().any(|member| member == name));
    let active = user.is_some_and(|user| user.groups.iter().any(|own| own == group));
    Ok(if group == "root" {
        fail("the socket belongs to group root: its unit was overridden, or Docker was installed without its group")
            .values("group root", "group docker")
            .command("sudo systemctl edit docker.socket")
    } else if member && !active {
        fail(format!(
            "{name} is in group {group}, but this session began before that"
        ))
        .values("group not active", group)
        .command(format!("newgrp {group}"))
    } else {
        fail(format!(
            "{name} is not in group {group} of the engine's socket"
        ))
        .values("permission denied", format!("member of {group}"))
        .command(format!("sudo usermod -aG {group} {name}"))
        .command(format!("newgrp {group}"))
    })
}
