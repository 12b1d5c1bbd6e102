//! The virtual machine that an engine runs in, through its provider's shell: one script, one answer.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    endpoint::Endpoint,
    linux::{Piece, SOCKETS},
    programs,
    source::Source,
};
use crate::doctor::{
    Fact,
    facts::{Docker, EngineMachine, Machine, MachineOs, keys},
    parse::addresses,
};

/// Time for the shell, which may have to wake the machine up.
const SHELL: Duration = Duration::from_secs(10);
/// In front of every part of the answer; no file has it.
const MARK: &str = "@@garden6@@";
/// What else is read of a machine besides the files of checks.
const MORE: [&str; 7] = [
    "/proc/net/route",
    "/proc/net/ipv6_route",
    "/proc/net/if_inet6",
    "/proc/modules",
    "/proc/swaps",
    "/proc/mounts",
    "/sys/fs/cgroup/cgroup.controllers",
];
/// Patterns that the shell spells out.
const PATTERNS: [&str; 8] = [
    "/proc/sys/net/ipv6/conf/*/*",
    "/proc/sys/net/ipv4/conf/*/rp_filter",
    "/sys/class/net/*/mtu",
    "/etc/sysctl.d/*.conf",
    "/run/sysctl.d/*.conf",
    "/usr/lib/sysctl.d/*.conf",
    "/lib/modules/*/modules.dep",
    "/lib/modules/*/modules.builtin",
];

/// How to run a program where the engine runs, if its provider has a shell.
fn shell(endpoint: &Endpoint) -> Option<Vec<String>> {
    let Endpoint::Unix(socket) = endpoint else {
        return None;
    };
    let below = |folder: &str| -> Option<String> {
        let mut parts = socket
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        parts.find(|part| part == folder)?;
        parts.next().map(std::borrow::Cow::into_owned)
    };
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    if let Some(profile) = below(".colima") {
        // `~/.colima/docker.sock` is the profile of that name in old releases, and the default one.
        let profile = if Path::new(&profile)
            .extension()
            .is_some_and(|kind| kind == "sock")
        {
            "default".to_owned()
        } else {
            profile
        };
        return words(&["colima", "ssh", "-p", &profile, "--"]);
    }
    if let Some(instance) = below(".lima") {
        return words(&["limactl", "shell", &instance]);
    }
    if below(".rd").is_some() {
        return words(&["rdctl", "shell"]);
    }
    if socket.to_string_lossy().contains("podman") {
        return words(&["podman", "machine", "ssh"]);
    }
    None
}

/// The machine of the engine as far as its shell tells.
pub(super) async fn ask(endpoint: &Endpoint, docker: &Docker) -> EngineMachine {
    let Some(words) = shell(endpoint) else {
        return EngineMachine::NoShell;
    };
    let Some((program, before)) = words.split_first() else {
        return EngineMachine::NoShell;
    };
    let root = docker
        .info
        .known()
        .map(|info| info.docker_root_dir.as_str());
    let script = script(root.unwrap_or("/var/lib/docker"));
    let mut arguments: Vec<&str> = before.iter().map(String::as_str).collect();
    arguments.extend(["sh", "-c", &script]);
    match programs::answer(program, &arguments, SHELL).await {
        Fact::Known(answer) if answer.succeeded() => {
            EngineMachine::Own(Box::new(machine(&Parts::read(&answer.out))))
        }
        _ => EngineMachine::NoShell,
    }
}

/// The script that prints every file with its path in front. It quotes nothing, because some
/// shells on the way split its words once more.
fn script(docker_root: &str) -> String {
    let mut paths: Vec<String> = keys::LINUX_FILES
        .iter()
        .chain(&MORE)
        .map(|path| (*path).to_owned())
        .collect();
    paths.extend(SOCKETS.iter().map(|(_, path)| (*path).to_owned()));
    let plain = |key: &&&str| !key.contains(".uplink.");
    paths.extend(
        keys::SYSCTLS
            .iter()
            .filter(plain)
            .map(|key| format!("/proc/sys/{}", key.replace('.', "/"))),
    );
    paths.extend(PATTERNS.map(str::to_owned));
    let paths = paths.join(" ");
    format!(
        "for f in {paths}; do \
         if [ -d $f ]; then echo; echo {MARK} folder $f; cat $f/*.conf 2>/dev/null; \
         elif [ -c $f ]; then echo; echo {MARK} device $f; \
         elif [ -r $f ]; then echo; echo {MARK} file $f; cat $f 2>/dev/null; \
         elif [ -e $f ]; then echo; echo {MARK} denied $f; fi; done; \
         echo; echo {MARK} file /proc/config.gz; gzip -dc /proc/config.gz 2>/dev/null; \
         echo; echo {MARK} list /sys/module; ls /sys/module; \
         echo; echo {MARK} list /lib/modules; ls /lib/modules 2>/dev/null; \
         echo; echo {MARK} file addresses; ip -o -4 address 2>/dev/null; \
         echo; echo {MARK} file disk; stat -f -c %a:%S:%c:%d {docker_root} 2>/dev/null; \
         echo; echo {MARK} end x"
    )
}

/// The answer by path.
#[derive(Debug, Default)]
struct Parts {
    files: BTreeMap<String, Fact<String>>,
    lists: BTreeMap<String, Vec<String>>,
}

impl Parts {
    fn read(text: &str) -> Self {
        let mut parts = Self::default();
        let mark = format!("{MARK} ");
        for part in text.split(&mark).skip(1) {
            let (head, body) = part.split_once('\n').unwrap_or((part, ""));
            let Some((kind, path)) = head.trim_end().split_once(' ') else {
                continue;
            };
            // The empty line before the next mark.
            let body = body.strip_suffix('\n').unwrap_or(body);
            let path = path.to_owned();
            match kind {
                "file" => drop(parts.files.insert(path, Fact::Known(body.to_owned()))),
                "device" => drop(parts.files.insert(path, Fact::Known(String::new()))),
                "denied" => drop(parts.files.insert(path, Fact::Denied)),
                "folder" if !body.trim().is_empty() => {
                    drop(parts.files.insert(path, Fact::Known(body.to_owned())));
                }
                "list" => {
                    let names = body.lines().map(str::to_owned).collect();
                    parts.lists.insert(path, names);
                }
                _ => {}
            }
        }
        parts
    }
}

impl Source for Parts {
    fn read(&self, path: &str) -> Fact<String> {
        let known = self.files.get(path).cloned().unwrap_or(Fact::Absent);
        match known {
            // The kernel may not show its configuration.
            Fact::Known(text) if text.trim().is_empty() && path == "/proc/config.gz" => {
                Fact::Absent
            }
            other => other,
        }
    }

    fn list(&self, path: &str) -> Fact<Vec<String>> {
        if let Some(names) = self.lists.get(path) {
            return Fact::Known(names.clone());
        }
        let folder = PathBuf::from(path);
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|file| {
                let rest = std::path::Path::new(file).strip_prefix(&folder).ok()?;
                let first = rest.components().next()?;
                Some(first.as_os_str().to_string_lossy().into_owned())
            })
            .collect();
        names.dedup();
        if names.is_empty() {
            Fact::Absent
        } else {
            Fact::Known(names)
        }
    }
}

fn machine(parts: &Parts) -> Machine {
    let mut machine = Machine::default();
    for piece in Piece::ALL {
        piece.read(parts, &mut machine);
    }
    machine.os = Fact::Known(MachineOs::Linux);
    machine.view.addrs4 = parts
        .read("addresses")
        .map(|text| addresses::ip_address(&text));
    let disk: Option<Vec<f64>> = parts.text("disk").and_then(|text| {
        let numbers = text.trim().split(':').map(|word| word.parse().ok());
        numbers.collect()
    });
    let unavailable = || "the shell does not tell".to_owned();
    if let Some(&[blocks, size, all, free]) = disk.as_deref() {
        let gib = blocks * size / 1_073_741_824.0;
        machine.view.disk_free_gib = Fact::Known((gib * 10.0).round() / 10.0);
        machine.view.inodes = super::process_facts::inodes(all, free);
    } else {
        machine.view.disk_free_gib = Fact::Unavailable(unavailable());
        machine.view.inodes = Fact::Unavailable(unavailable());
    }
    machine.view.ntp_synchronized = Fact::Absent;
    machine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_that_of_the_provider() {
        for (socket, words) in [
            (
                "unix:///Users/a/.colima/work/docker.sock",
                Some("colima ssh -p work --"),
            ),
            (
                "unix:///Users/a/.colima/docker.sock",
                Some("colima ssh -p default --"),
            ),
            (
                "unix:///Users/a/.lima/docker/sock/docker.sock",
                Some("limactl shell docker"),
            ),
            ("unix:///Users/a/.rd/docker.sock", Some("rdctl shell")),
            (
                "unix:///var/folders/x/podman/podman-machine-default-api.sock",
                Some("podman machine ssh"),
            ),
            ("unix:///Users/a/.docker/run/docker.sock", None),
            ("tcp://192.0.2.1:2375", None),
        ] {
            let found = shell(&Endpoint::parse(socket)).map(|words| words.join(" "));
            assert_eq!(found.as_deref(), words, "{socket}");
        }
    }

    #[test]
    fn the_answer_is_read_by_path() {
        let text = "motd of the machine\n\n@@garden6@@ file /proc/cmdline\nquiet\n\n@@garden6@@ denied /dev/kvm\n\n@@garden6@@ device /dev/fuse\n\n@@garden6@@ folder /etc/systemd/resolved.conf.d\n\n@@garden6@@ list /sys/module\nveth\n\n@@garden6@@ file disk\n100:4096:10:5\n\n@@garden6@@ end x\n";
        let parts = Parts::read(text);
        assert_eq!(
            parts.read("/proc/cmdline"),
            Fact::Known("quiet\n".to_owned())
        );
        assert_eq!(parts.read("/dev/kvm"), Fact::Denied);
        assert_eq!(parts.read("/dev/fuse"), Fact::Known(String::new()));
        assert_eq!(parts.read("/etc/systemd/resolved.conf.d"), Fact::Absent);
        assert_eq!(
            parts.list("/sys/module"),
            Fact::Known(vec!["veth".to_owned()])
        );
        let machine = machine(&parts);
        assert_eq!(machine.view.inodes.known().unwrap().free, 5);
        assert!(machine.files.contains_key("/etc/hosts"));
    }

    #[tokio::test]
    async fn the_script_says_of_this_machine_what_its_files_say() {
        use crate::doctor::{Root, live::source::Local};

        if !std::path::Path::new("/proc/net/route").exists() {
            return;
        }
        let script = script("/");
        let Fact::Known(answer) = programs::answer("sh", &["-c", &script], SHELL).await else {
            panic!("there is a shell");
        };
        let parts = Parts::read(&answer.out);
        let local = Local(Root::machine());
        for path in [
            "/etc/hosts",
            "/proc/cmdline",
            "/proc/sys/net/ipv4/ip_forward",
            "/etc/wsl.conf",
            "/proc/version",
        ] {
            assert_eq!(parts.read(path), local.read(path), "{path}");
        }
        let found = machine(&parts);
        assert!(found.view.disk_free_gib.known().is_some());
        assert_eq!(found.sysctl.len(), keys::SYSCTLS.len());
    }
}
