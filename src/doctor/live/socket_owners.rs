//! Which program listens on a port, as far as this user may know.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{linux::SOCKETS, source::Source};
use crate::doctor::{Fact, Root, facts::Listener, parse::listeners};

/// Time for looking into every process; on a busy host the rest stays nameless.
const LOOK: Duration = Duration::from_millis(150);

/// Names the programs behind listening sockets.
pub(super) fn name(root: &Root, source: &dyn Source, listening: &mut Fact<Vec<Listener>>) {
    let Fact::Known(listening) = listening else {
        return;
    };
    let inodes = inodes(source);
    let mut wanted = inodes.iter().map(|(_, inode)| inode.clone()).collect();
    let programs = programs(root, source, &mut wanted);
    for listener in listening {
        listener.process = inodes
            .iter()
            .find(|(other, _)| other == listener)
            .and_then(|(_, inode)| programs.get(inode).cloned());
    }
}

/// Listening sockets with the number of their inode, the tenth column.
fn inodes(source: &dyn Source) -> Vec<(Listener, String)> {
    let mut found = Vec::new();
    for (protocol, path) in SOCKETS {
        let text = source.text(path).unwrap_or_default();
        for line in text.lines() {
            let inode = line.split_whitespace().nth(9);
            let listener = listeners::proc_net(protocol, line).pop();
            found.extend(listener.zip(inode.map(str::to_owned)));
        }
    }
    found
}

/// Programs by inode, until every wanted one is found or the time is up.
fn programs(
    root: &Root,
    source: &dyn Source,
    wanted: &mut BTreeSet<String>,
) -> BTreeMap<String, String> {
    let started = Instant::now();
    let mut found = BTreeMap::new();
    let Fact::Known(processes) = source.list("/proc") else {
        return found;
    };
    for pid in processes.iter().filter(|name| name.parse::<u32>().is_ok()) {
        if wanted.is_empty() || started.elapsed() > LOOK {
            break;
        }
        let Ok(descriptors) = std::fs::read_dir(root.path(format!("/proc/{pid}/fd"))) else {
            continue;
        };
        for descriptor in descriptors.flatten() {
            let Ok(target) = std::fs::read_link(descriptor.path()) else {
                continue;
            };
            let target = target.to_string_lossy();
            let inode = target
                .strip_prefix("socket:[")
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(inode) = inode.filter(|inode| wanted.remove(*inode))
                && let Some(program) = source.text(&format!("/proc/{pid}/comm"))
            {
                found.insert(inode.to_owned(), program.trim().to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{facts::Protocol, live::source::Local};

    #[test]
    fn our_own_socket_is_named_after_us() {
        if !std::path::Path::new("/proc/net/tcp6").exists() {
            return;
        }
        let socket = std::net::TcpListener::bind("[::1]:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let root = Root::machine();
        let source = Local(root.clone());
        let text = source.text("/proc/net/tcp6").unwrap();
        let ours = listeners::proc_net(Protocol::Tcp, &text);
        let mut listening: Fact<Vec<Listener>> =
            Fact::Known(ours.into_iter().filter(|one| one.port == port).collect());
        name(&root, &source, &mut listening);
        let own = source.text("/proc/self/comm").unwrap();
        let named = listening.known().unwrap()[0].process.as_deref();
        assert_eq!(named, Some(own.trim()));
    }
}
