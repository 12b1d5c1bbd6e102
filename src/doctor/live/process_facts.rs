//! What this process knows of itself and its user: limits, groups, addresses, disk.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use nix::{
    errno::Errno,
    sys::{
        resource::{Resource, getrlimit},
        statvfs::statvfs,
    },
};

use super::source::{Source, missing};
use crate::doctor::{
    Fact,
    facts::{Inodes, InterfaceAddress, SocketOwner, User, View, Workdir},
    parse::mounts,
};

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;

/// Soft and hard limit of open files.
pub(super) fn nofile() -> Fact<(u64, u64)> {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) => Fact::Known((soft, hard)),
        Err(error) => Fact::Unavailable(error.to_string()),
    }
}

/// IPv4 addresses by device.
pub(super) fn ipv4_addresses() -> Fact<BTreeMap<String, Vec<InterfaceAddress>>> {
    let interfaces = match nix::ifaddrs::getifaddrs() {
        Ok(interfaces) => interfaces,
        Err(error) => return Fact::Unavailable(error.to_string()),
    };
    let mut found: BTreeMap<String, Vec<InterfaceAddress>> = BTreeMap::new();
    for interface in interfaces {
        let ip = |storage: Option<nix::sys::socket::SockaddrStorage>| {
            Some(storage?.as_sockaddr_in()?.ip())
        };
        if let Some(address) = ip(interface.address) {
            let mask = ip(interface.netmask).map_or(32, |mask| mask.to_bits().leading_ones());
            let prefix_len = u8::try_from(mask).unwrap_or(32);
            found
                .entry(interface.interface_name)
                .or_default()
                .push(InterfaceAddress::new(IpAddr::V4(address), prefix_len));
        }
    }
    Fact::Known(found)
}

/// The user, with groups by the names of `/etc/group`.
pub(super) fn user(source: &dyn Source) -> Fact<User> {
    let groups = groups(&source.text("/etc/group").unwrap_or_default());
    let name = |gid: u32| {
        let known = groups.iter().find(|group| group.gid == gid);
        known.map_or_else(|| gid.to_string(), |group| group.name.clone())
    };
    let own = match getgroups() {
        Ok(own) => own,
        Err(error) => return Fact::Unavailable(error.to_string()),
    };
    Fact::Known(User {
        uid: nix::unistd::geteuid().as_raw(),
        groups: own.into_iter().map(name).collect(),
    })
}

/// The groups of this process, the primary one included.
fn getgroups() -> Result<Vec<u32>, Errno> {
    let mut found = vec![nix::unistd::getegid().as_raw()];
    #[cfg(not(target_vendor = "apple"))]
    for group in nix::unistd::getgroups()? {
        if !found.contains(&group.as_raw()) {
            found.push(group.as_raw());
        }
    }
    Ok(found)
}

/// Who may use a socket.
pub(super) fn socket(source: &dyn Source, path: &Path) -> Fact<SocketOwner> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return missing(error),
    };
    let groups = groups(&source.text("/etc/group").unwrap_or_default());
    let group = groups.into_iter().find(|group| group.gid == metadata.gid());
    let (group, members) = group.map_or_else(
        || (metadata.gid().to_string(), Vec::new()),
        |group| (group.name, group.members),
    );
    Fact::Known(SocketOwner {
        group,
        members,
        mode: metadata.permissions().mode() & 0o777,
    })
}

struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

/// `/etc/group` (group(5)).
fn groups(text: &str) -> Vec<Group> {
    text.lines()
        .filter_map(|line| {
            let mut parts = line.split(':');
            let (name, _, gid) = (parts.next()?, parts.next()?, parts.next()?);
            let members = parts.next().unwrap_or_default().split(',');
            Some(Group {
                name: name.to_owned(),
                gid: gid.parse().ok()?,
                members: members
                    .map(str::trim)
                    .filter(|member| !member.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
        })
        .collect()
}

/// Free space and inodes below the engine's folder.
pub(super) fn disk(folder: &Path, view: &mut View) {
    match statvfs(folder) {
        Ok(found) => {
            let bytes = wide(found.blocks_available()) * wide(found.fragment_size());
            view.disk_free_gib = Fact::Known((bytes / GIB * 10.0).round() / 10.0);
            view.inodes = inodes(wide(found.files()), wide(found.files_available()));
        }
        Err(error) => {
            view.disk_free_gib = missing(error.into());
            view.inodes = missing(error.into());
        }
    }
}

/// Free inodes of so many; absent where the file system does not count them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole and not negative"
)]
pub(super) fn inodes(all: f64, free: f64) -> Fact<Inodes> {
    if all <= 0.0 {
        return Fact::Absent;
    }
    Fact::Known(Inodes {
        free_pct: (free / all * 1000.0).round() / 10.0,
        free: free.max(0.0) as u64,
    })
}

/// A count as a number with a fraction; what is lost beyond 2^53 is not looked at.
#[expect(
    clippy::cast_precision_loss,
    reason = "sizes are shown in tenths of a GiB"
)]
fn wide(count: impl Into<u64>) -> f64 {
    count.into() as f64
}

/// The working directory and the file system that holds it.
pub(super) fn workdir(source: &dyn Source, path: &Path) -> Fact<Workdir> {
    let text = source.text("/proc/mounts").unwrap_or_default();
    let mounts = mounts::mounts(&text);
    Fact::Known(Workdir {
        path: path.display().to_string(),
        fstype: mounts::holding(&mounts, path)
            .map_or_else(String::new, |mount| mount.fstype.clone()),
        shared_with_vm: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    #[test]
    fn the_group_file_names_members() {
        let found = groups("root:x:0:\ndocker:x:998:dev, ops\nbroken\nx:y:z:\n");
        let told: Vec<_> = found
            .iter()
            .map(|group| (group.name.as_str(), group.gid, group.members.join(",")))
            .collect();
        assert_eq!(
            told,
            [
                ("root", 0, String::new()),
                ("docker", 998, "dev,ops".to_owned())
            ]
        );
    }

    #[test]
    fn the_owner_of_a_socket_is_told_by_name_or_number() {
        let folder = tempfile::tempdir().unwrap();
        let gid = std::fs::metadata(folder.path()).unwrap().gid();
        let source = Texts(BTreeMap::from([(
            "/etc/group".to_owned(),
            format!("docker:x:{gid}:dev\n"),
        )]));
        let Fact::Known(owner) = socket(&source, folder.path()) else {
            panic!("the folder is there");
        };
        assert_eq!(
            (owner.group.as_str(), owner.members.as_slice()),
            ("docker", &["dev".to_owned()][..])
        );
        let Fact::Known(owner) = socket(&Texts::default(), folder.path()) else {
            panic!("the folder is there");
        };
        assert_eq!(owner.group, gid.to_string());
        assert_eq!(socket(&source, Path::new("/nowhere")), Fact::Absent);
    }

    #[test]
    fn this_process_knows_its_limits_loopback_address_and_disk() {
        let mut view = View::default();
        disk(Path::new("/"), &mut view);
        assert!(nofile().known().unwrap().0 > 0);
        assert!(ipv4_addresses().known().is_some());
        assert!(*view.disk_free_gib.known().unwrap() >= 0.0);
        disk(Path::new("/nowhere"), &mut view);
        assert_eq!(view.disk_free_gib, Fact::Absent);
    }
}
