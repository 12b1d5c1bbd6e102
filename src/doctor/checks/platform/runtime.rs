//! How the engine runs containers.

use serde_json::Value;

use super::{super::prelude::*, ENGINE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-cgroup-driver",
        title: "The cgroup driver",
        reads: "`/info` CgroupDriver and CgroupVersion, the init program",
        rule: "none fails; cgroupfs on a systemd host with cgroup v2 is told; in a virtual machine or a container it passes",
        why: "the kubelet in a node needs a part of the hierarchy that it may write to",
        remedies: &[Remedy::any(
            "rootless: start the engine from the user's systemd and let it linger; else drop `native.cgroupdriver` from exec-opts",
            &[
                "loginctl enable-linger \"$USER\"",
                "systemctl --user enable --now docker",
            ],
        )],
        link: Some("https://kind.sigs.k8s.io/docs/user/rootless/"),
        run: cgroup_driver,
        ..ENGINE
    },
    Check {
        id: "docker-default-runtime",
        title: "The default runtime",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Restart,
        reads: "`/info` DefaultRuntime",
        rule: "runc and crun pass, nvidia is told, everything else warns",
        why: "sandboxes break the privileged containers that nodes are",
        remedies: &[Remedy::any(
            "drop `default-runtime` from daemon.json and choose the sandbox per container",
            &["docker run --runtime NAME IMAGE"],
        )],
        run: default_runtime,
        ..ENGINE
    },
    Check {
        id: "docker-default-ulimits",
        title: "Open files of containers",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Restart,
        reads: "daemon.json default-ulimits, `LimitNOFILE` of docker.service",
        rule: "a hard limit below 64000 warns; no limit at all is told; everything between passes",
        why: "kubelet and etcd run out of files below it; programs that close every possible file at start spin for minutes above",
        remedies: &[
            Remedy::any(
                "set a limit of 1048576 for docker.service and containerd.service",
                &["sudo systemctl edit docker"],
            ),
            Remedy::platform(
                Platform::Macos,
                "set `default-ulimits` in the engine's configuration",
                &[],
            ),
        ],
        run: ulimits,
        ..ENGINE
    },
];

fn cgroup_driver(ask: &Ask<'_>) -> Verdict {
    let info_ = ask.info()?;
    let driver = info_.cgroup_driver.as_str();
    if driver == "none" {
        return Ok(
            fail("the engine has no cgroups: it is rootless without a user's systemd")
                .values("none", "systemd"),
        );
    }
    let own = matches!(ask.provider(), Provider::Native) && !ask.is_nested();
    if driver == "cgroupfs" && info_.cgroup_version == "2" && own {
        let init = ask
            .file(Scope::Host, "/proc/1/comm")?
            .unwrap_or_default()
            .trim();
        if init == "systemd" {
            return Ok(
                info("cgroupfs beside systemd: two managers share one hierarchy")
                    .values(driver, "systemd"),
            );
        }
    }
    Ok(pass(format!("cgroup driver {driver}")))
}

fn default_runtime(ask: &Ask<'_>) -> Verdict {
    let runtime = ask.info()?.default_runtime.as_str();
    Ok(match runtime {
        "runc" | "io.containerd.runc.v2" | "crun" => pass(format!("default runtime {runtime}")),
        "nvidia" => info("default runtime nvidia wraps runc"),
        other => warn(format!(
            "default runtime {other} may not run privileged nodes"
        ))
        .values(other, "runc"),
    })
}

/// What nodes need, as kind's rootless entry point insists.
const WANTED_FILES: i64 = 64_000;
/// From here on a limit is none.
const NO_LIMIT: i64 = 1 << 30;

fn ulimits(ask: &Ask<'_>) -> Verdict {
    let ulimits = ask.daemon_key("default-ulimits")?;
    let hard = ulimits.as_ref().and_then(|ulimits| {
        let nofile = &ulimits["nofile"];
        ["Hard", "hard"]
            .iter()
            .find_map(|key| nofile[*key].as_i64())
            .or_else(|| nofile.as_i64())
    });
    let flag = ulimits.as_ref().and_then(Value::as_array).and_then(|list| {
        let mut texts = list.iter().filter_map(Value::as_str);
        texts.find_map(|text| {
            text.strip_prefix("nofile=")?
                .rsplit(':')
                .next()?
                .parse()
                .ok()
        })
    });
    if let Some(hard) = hard.or(flag) {
        return Ok(judge(hard, "default-ulimits"));
    }
    if ask.platform() == Platform::Macos {
        return Ok(pass("the engine sets no limit of its own"));
    }
    Ok(match ask.service(Scope::Host, "docker_nofile")? {
        None => pass("no unit limits the engine"),
        Some("infinity") => judge(i64::MAX, "LimitNOFILE"),
        Some(text) => match text.parse() {
            Ok(number) => judge(number, "LimitNOFILE"),
            Err(_) => {
                return Err(unknown(format!(
                    "LimitNOFILE of docker.service is `{text}`"
                )));
            }
        },
    })
}

fn judge(hard: i64, source: &str) -> crate::doctor::finding::Finding {
    if (0..WANTED_FILES).contains(&hard) {
        warn(format!("{source} lets containers open {hard} files")).values(hard, WANTED_FILES)
    } else if !(0..NO_LIMIT).contains(&hard) {
        info(format!(
            "{source} sets no limit: programs that close every possible file at start become slow"
        ))
        .values("no limit", "1048576")
    } else {
        pass(format!("{source} lets containers open {hard} files"))
    }
}
