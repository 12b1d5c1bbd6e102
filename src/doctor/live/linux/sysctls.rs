//! Kernel settings as they are, and as they will be after the next boot.

use std::path::Path;

use super::network::Routes;
use crate::doctor::{
    Fact,
    facts::{Machine, Scalar, keys},
    live::source::Source,
    parse::boot::{self, SysctlFile},
};

/// Folders of drop-ins (sysctl.d(5)).
const FOLDERS: [&str; 5] = [
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];
/// What procps reads after them, and what ufw sets when it starts.
const LAST: [&str; 2] = ["/etc/sysctl.conf", "/etc/ufw/sysctl.conf"];

/// Fills in both.
pub(super) fn read(source: &dyn Source, routes: &Routes, into: &mut Machine) {
    let (v4, v6) = routes.uplinks();
    let uplink = v6.or(v4);
    for key in keys::SYSCTLS {
        let device = if key.starts_with("net.ipv6.") {
            uplink
        } else {
            v4.or(v6)
        };
        let value = match (path(key, device), device) {
            (Some(path), _) => source.read(&path).map(|text| Scalar::from(text.as_str())),
            (None, _) => Fact::Absent,
        };
        into.sysctl.insert(key.to_owned(), value);
    }
    let settings = boot::settings(&files(source));
    into.sysctl_at_boot = Fact::Known(boot::differing(&settings, &into.sysctl, uplink));
}

/// The file of a setting. There is none for the uplink where there is no uplink.
fn path(key: &str, uplink: Option<&str>) -> Option<String> {
    let path = format!("/proc/sys/{}", key.replace('.', "/"));
    if !path.contains("/uplink/") {
        return Some(path);
    }
    Some(path.replace("/uplink/", &format!("/{}/", uplink?)))
}

fn files(source: &dyn Source) -> Vec<SysctlFile> {
    let read = |path: String| {
        let text = source.text(&path)?;
        Some(SysctlFile { path, text })
    };
    let mut drop_ins = Vec::new();
    for folder in FOLDERS {
        let Fact::Known(names) = source.list(folder) else {
            continue;
        };
        let configuration = names
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "conf"));
        drop_ins.extend(configuration.filter_map(|name| read(format!("{folder}/{name}"))));
    }
    let mut ordered = boot::in_boot_order(drop_ins);
    ordered.extend(LAST.iter().filter_map(|path| read((*path).to_owned())));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    #[test]
    fn settings_of_the_uplink_are_those_of_its_device() {
        let source = Texts::of([
            (
                "/proc/net/route",
                "eth0.7 00000000 01020304 0003 0 0 0 00000000 0 0 0\n",
            ),
            ("/proc/sys/net/ipv6/conf/eth0.7/accept_ra", "1\n"),
            ("/proc/sys/net/ipv4/ip_forward", "1\n"),
            ("/etc/sysctl.d/90-x.conf", "net.ipv4.ip_forward=0\n"),
            ("/etc/sysctl.d/README", "net.ipv6.bindv6only=1\n"),
        ]);
        let mut machine = Machine::default();
        read(&source, &Routes::read(&source), &mut machine);
        let value = |key: &str| machine.sysctl[key].clone();
        assert_eq!(
            value("net.ipv6.conf.uplink.accept_ra"),
            Fact::Known(Scalar::from("1"))
        );
        assert_eq!(value("net.ipv6.bindv6only"), Fact::Absent);
        let boot = machine.sysctl_at_boot.known().unwrap();
        assert_eq!(
            boot["net.ipv4.ip_forward"].file.as_deref(),
            Some("/etc/sysctl.d/90-x.conf:1")
        );
        assert_eq!(boot.len(), 1);
    }

    #[test]
    fn without_an_uplink_its_settings_do_not_exist() {
        let mut machine = Machine::default();
        let source = Texts::of([("/proc/net/route", "")]);
        read(&source, &Routes::read(&source), &mut machine);
        assert_eq!(
            machine.sysctl["net.ipv6.conf.uplink.accept_ra"],
            Fact::Absent
        );
        assert_eq!(machine.sysctl.len(), keys::SYSCTLS.len());
    }
}
