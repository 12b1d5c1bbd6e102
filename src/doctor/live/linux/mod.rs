//! A Linux machine out of its files, wherever they come from.

mod files;
mod kernel;
mod network;
mod sysctls;
mod system;

pub(super) use network::SOCKETS;

use super::source::Source;
use crate::doctor::facts::{Machine, keys};

/// Everything that files say, in pieces that can be read side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Configuration files, and files about the system as a whole.
    Files,
    /// Routes, addresses, sockets, and the kernel settings that depend on the uplink.
    Network,
    /// Modules of the kernel and its configuration.
    Kernel,
    /// Swap, control groups, mounts.
    System,
}

impl Piece {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Files, Self::Network, Self::Kernel, Self::System];

    /// Reads the piece.
    pub(super) fn read(self, source: &dyn Source, into: &mut Machine) {
        match self {
            Self::Files => into.files = files::read(source),
            Self::Network => {
                let routes = network::Routes::read(source);
                network::read(source, &routes, &mut into.view);
                sysctls::read(source, &routes, into);
            }
            Self::Kernel => into.modules = kernel::modules(source),
            Self::System => system::read(source, &mut into.view),
        }
    }

    /// What the piece is when it could not be read in time.
    pub(super) fn give_up(self, reason: &str, into: &mut Machine) {
        use crate::doctor::Fact::Unavailable;

        let reason = || reason.to_owned();
        match self {
            Self::Files => {
                into.files = keys::LINUX_FILES
                    .iter()
                    .map(|path| ((*path).to_owned(), Unavailable(reason())))
                    .collect();
            }
            Self::Network => {
                into.sysctl = keys::SYSCTLS
                    .iter()
                    .map(|key| ((*key).to_owned(), Unavailable(reason())))
                    .collect();
                into.sysctl_at_boot = Unavailable(reason());
                let view = &mut into.view;
                (view.uplink4, view.uplink6) = (Unavailable(reason()), Unavailable(reason()));
                (view.routes4, view.routes6) = (Unavailable(reason()), Unavailable(reason()));
                (view.mtu, view.addrs6) = (Unavailable(reason()), Unavailable(reason()));
                (view.listen, view.vpn) = (Unavailable(reason()), Unavailable(reason()));
            }
            Self::Kernel => into.modules = Unavailable(reason()),
            Self::System => {
                let view = &mut into.view;
                (view.swap, view.cgroup2) = (Unavailable(reason()), Unavailable(reason()));
            }
        }
    }
}

/// Puts a piece that was read on its own into the machine.
pub(super) fn merge(piece: Piece, from: Machine, into: &mut Machine) {
    match piece {
        Piece::Files => into.files = from.files,
        Piece::Network => {
            into.sysctl = from.sysctl;
            into.sysctl_at_boot = from.sysctl_at_boot;
            let (view, from) = (&mut into.view, from.view);
            (view.uplink4, view.uplink6) = (from.uplink4, from.uplink6);
            (view.routes4, view.routes6) = (from.routes4, from.routes6);
            (view.mtu, view.addrs6) = (from.mtu, from.addrs6);
            (view.listen, view.vpn) = (from.listen, from.vpn);
        }
        Piece::Kernel => into.modules = from.modules,
        Piece::System => {
            let (view, from) = (&mut into.view, from.view);
            (view.swap, view.cgroup2) = (from.swap, from.cgroup2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Fact, live::source::tests::Texts};

    #[test]
    fn every_piece_fills_what_it_gives_up_and_no_more() {
        for piece in Piece::ALL {
            let (mut read, mut given_up) = (Machine::default(), Machine::default());
            piece.read(&Texts::default(), &mut read);
            piece.give_up("too slow", &mut given_up);
            let keys = |machine: &Machine| {
                let value = serde_json::to_value(machine).unwrap();
                let mut names: Vec<String> = Vec::new();
                for (key, value) in value.as_object().unwrap() {
                    let inner = value.as_object().filter(|_| key != "modules");
                    names.extend(inner.into_iter().flat_map(|map| map.keys()).map(|name| {
                        let name = if name == "err" || name == "reason" {
                            ""
                        } else {
                            name
                        };
                        format!("{key}.{name}")
                    }));
                    if inner.is_none_or(serde_json::Map::is_empty) && key != "view" {
                        names.push(format!("{key}."));
                    }
                }
                names.sort();
                names.dedup();
                names
            };
            assert_eq!(keys(&read), keys(&given_up), "{piece:?}");
            let mut merged = Machine::default();
            merge(piece, given_up.clone(), &mut merged);
            assert_eq!(merged, given_up, "{piece:?}");
            let listed = matches!(given_up.view.listen, Fact::Unavailable(_));
            assert_eq!(listed, piece == Piece::Network);
        }
    }
}
