//! Which values sysctls will have after the next boot.

use std::collections::BTreeMap;

use crate::doctor::facts::{BootValue, Fact, Scalar};

/// A file that sets sysctls at boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysctlFile {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A setting with the file and line it comes from.
pub type Settings = BTreeMap<String, BootValue>;

/// The order in which systemd-sysctl applies drop-ins: by base name over all folders. A base name
/// in `/etc` hides the same one in `/run` and `/usr/lib` (sysctl.d(5)).
pub fn in_boot_order(files: Vec<SysctlFile>) -> Vec<SysctlFile> {
    let rank = |path: &str| {
        ["/etc/", "/run/", "/usr/local/lib/", "/usr/lib/", "/lib/"]
            .iter()
            .position(|folder| path.starts_with(folder))
            .unwrap_or(usize::MAX)
    };
    let mut by_name: BTreeMap<String, SysctlFile> = BTreeMap::new();
    for file in files {
        let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let hidden = by_name
            .get(&name)
            .is_some_and(|other| rank(&other.path) <= rank(&file.path));
        if !hidden {
            by_name.insert(name, file);
        }
    }
    by_name.into_values().collect()
}

/// What files set, the last line counting. Keys come out with dots; those of interfaces with a
/// dot in their name keep it as a slash.
pub fn settings(files: &[SysctlFile]) -> Settings {
    let mut found = Settings::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            // A dash in front means that failure to set it is not reported.
            let line = line.strip_prefix('-').unwrap_or(line);
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let boot = BootValue {
                value: Scalar::from(value),
                file: Some(format!("{}:{}", file.path, number + 1)),
            };
            found.insert(dotted(key.trim()), boot);
        }
    }
    found
}

/// sysctl.d(5): with a slash as first separator, slashes and dots change their roles.
fn dotted(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(first) if key[first..].starts_with('/') => key
            .chars()
            .map(|letter| match letter {
                '/' => '.',
                '.' => '/',
                other => other,
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// The settings that differ from the values at work. `uplink` is the device that stands behind
/// that word in `running`.
pub fn differing(
    settings: &Settings,
    running: &BTreeMap<String, Fact<Scalar>>,
    uplink: Option<&str>,
) -> Settings {
    let named = uplink.map(|device| format!(".{}.", device.replace('.', "/")));
    running
        .iter()
        .filter_map(|(key, now)| {
            let own = named.as_ref().map(|device| key.replace(".uplink.", device));
            let boot = settings
                .get(own.as_ref().unwrap_or(key))
                .or_else(|| settings.get(key))?;
            (boot.value != *now.known()?).then(|| (key.clone(), boot.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SysctlFile {
        SysctlFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_name_decides_the_order_and_etc_hides_the_distribution() {
        let files = in_boot_order(vec![
            file("/usr/lib/sysctl.d/50-a.conf", ""),
            file("/etc/sysctl.d/50-a.conf", ""),
            file("/run/sysctl.d/99-z.conf", ""),
            file("/usr/lib/sysctl.d/10-b.conf", ""),
        ]);
        let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
        assert_eq!(
            paths,
            [
                "/usr/lib/sysctl.d/10-b.conf",
                "/etc/sysctl.d/50-a.conf",
                "/run/sysctl.d/99-z.conf"
            ]
        );
    }

    #[test]
    fn the_last_line_counts_and_is_named() {
        let files = [
            file(
                "/etc/sysctl.d/1.conf",
                "# x\nfs.inotify.max_user_instances = 8192\n",
            ),
            file(
                "/etc/ufw/sysctl.conf",
                "\n-fs/inotify/max_user_instances=128\nnet/ipv6/conf/eth0.1/forwarding=1",
            ),
        ];
        let settings = settings(&files);
        let inotify = &settings["fs.inotify.max_user_instances"];
        assert_eq!(inotify.value.as_str(), "128");
        assert_eq!(inotify.file.as_deref(), Some("/etc/ufw/sysctl.conf:2"));
        assert!(settings.contains_key("net.ipv6.conf.eth0/1.forwarding"));
    }

    #[test]
    fn only_what_differs_from_the_running_value_is_kept() {
        let text = "net.ipv4.ip_forward=1\nvm.max_map_count=1\nnet.ipv6.conf.eth0.accept_ra=1\n";
        let settings = settings(&[file("/etc/sysctl.conf", text)]);
        let running = BTreeMap::from([
            (
                "net.ipv4.ip_forward".to_owned(),
                Fact::Known(Scalar::from(1)),
            ),
            ("vm.max_map_count".to_owned(), Fact::Known(Scalar::from(2))),
            (
                "net.ipv6.conf.uplink.accept_ra".to_owned(),
                Fact::Known(Scalar::from(2)),
            ),
        ]);
        let found = differing(&settings, &running, Some("eth0"));
        let keys: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(keys, ["net.ipv6.conf.uplink.accept_ra", "vm.max_map_count"]);
    }
}
