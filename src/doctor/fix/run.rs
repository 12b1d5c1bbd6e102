//! Repairs in order, and their reversal.

use std::{collections::BTreeSet, fmt};

use super::{
    action::Action,
    change::{Change, Service},
    error::FixError,
    journal::{Journal, Phase},
    machine::Hands,
    take_back::Outcome,
};

/// Everything that one check asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// The check.
    pub check: String,
    /// What is to be so, in order.
    pub actions: Vec<Action>,
}

/// What came of one repair.
#[derive(Debug)]
pub struct Repaired {
    /// The check.
    pub check: String,
    /// What was changed; nothing where all was so already.
    pub changes: Vec<String>,
    /// Why it stopped, if it did; what it had changed by then is taken back.
    pub error: Option<FixError>,
}

/// What became of one change that was to be taken back.
#[derive(Debug)]
pub struct TakenBack {
    /// The change in words.
    pub change: String,
    /// The checks that had asked for it.
    pub checks: Vec<String>,
    /// What became of it.
    pub result: Result<Outcome, FixError>,
}

impl TakenBack {
    /// Whether the change is still there although it should not be.
    pub const fn is_left(&self) -> bool {
        matches!(self.result, Err(_) | Ok(Outcome::Refused { .. }))
    }
}

impl fmt::Display for TakenBack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.change)?;
        match &self.result {
            Ok(Outcome::Restored) => formatter.write_str("taken back"),
            Ok(Outcome::Already) => formatter.write_str("already as it was"),
            Ok(Outcome::Kept { reason }) => write!(formatter, "kept, {reason}"),
            Ok(Outcome::Refused { reason }) => write!(formatter, "left alone, {reason}"),
            Ok(Outcome::Later) => formatter.write_str("has to be done again"),
            Err(error) => write!(formatter, "failed, {error}"),
        }
    }
}

/// Which services may be restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restarts {
    /// All, also those whose containers stop.
    Allowed,
    /// Only those that harm nobody.
    Harmless,
}

impl Hands {
    /// Carries out repairs. Each change is in the journal before it is made; a repair that fails
    /// half-way is taken back before the next one starts.
    pub async fn repair(
        &self,
        journal: &mut Journal,
        repairs: &[Repair],
    ) -> Result<Vec<Repaired>, FixError> {
        let mut results = Vec::with_capacity(repairs.len());
        for repair in repairs {
            let start = journal.latest();
            let mut changes = Vec::new();
            let error = self.carry_out(journal, repair, &mut changes).await.err();
            if error.is_some() {
                self.take_back_since(journal, start, Restarts::Harmless)
                    .await?;
                changes.clear();
            }
            results.push(Repaired {
                check: repair.check.clone(),
                changes,
                error,
            });
        }
        Ok(results)
    }

    async fn carry_out(
        &self,
        journal: &mut Journal,
        repair: &Repair,
        done: &mut Vec<String>,
    ) -> Result<(), FixError> {
        for action in &repair.actions {
            // A service needs to read its configuration only where something changed.
            if matches!(action, Action::Service(_)) && done.is_empty() {
                continue;
            }
            for change in self.prepare(&repair.check, action).await? {
                let checks = std::slice::from_ref(&repair.check);
                let number = journal.intend(&*self.clock, checks, &change)?;
                let along = self.make(&change).await?;
                journal.done(&*self.clock, number, along)?;
                done.push(change.to_string());
            }
        }
        Ok(())
    }

    /// Takes back everything that the journal knows, newest first.
    pub async fn undo(
        &self,
        journal: &mut Journal,
        restarts: Restarts,
    ) -> Result<Vec<TakenBack>, FixError> {
        self.take_back_since(journal, 0, restarts).await
    }

    /// Takes back what came after the change with this number, newest first. What somebody else
    /// changed since stays as it is, and so does the journal's memory of it.
    pub async fn take_back_since(
        &self,
        journal: &mut Journal,
        number: u64,
        restarts: Restarts,
    ) -> Result<Vec<TakenBack>, FixError> {
        let mut results = Vec::new();
        let mut later = BTreeSet::new();
        let entries = journal.remaining();
        for entry in entries.iter().filter(|entry| entry.number > number) {
            let result = self.take_back(entry).await;
            if let (Ok(Outcome::Later), Change::Service { service }) = (&result, &entry.change) {
                if entry.phase == Phase::Done {
                    later.insert(*service);
                }
                journal.undone(&*self.clock, entry.number)?;
                continue;
            }
            let taken = TakenBack {
                change: entry.change.to_string(),
                checks: entry.checks.clone(),
                result,
            };
            if !taken.is_left() {
                journal.undone(&*self.clock, entry.number)?;
            }
            results.push(taken);
        }
        for service in later {
            results.push(self.reload_again(service, restarts).await);
        }
        Ok(results)
    }

    async fn reload_again(&self, service: Service, restarts: Restarts) -> TakenBack {
        let allowed = service != Service::Docker || restarts == Restarts::Allowed;
        let result = if allowed {
            self.reload(service).await.map(|()| Outcome::Restored)
        } else {
            Ok(Outcome::Kept {
                reason: "it takes effect when Docker is restarted".to_owned(),
            })
        };
        TakenBack {
            change: service.command().join(" "),
            checks: Vec::new(),
            result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
        sync::Arc,
    };

    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{
        clock::FakeClock,
        doctor::{Root, fix::edit::daemon_json::Edit},
    };

    struct Fake {
        folder: tempfile::TempDir,
        hands: Hands,
    }

    impl Fake {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let hands = Hands {
                root: Root::at(folder.path().join("root")),
                engine: None,
                clock: Arc::new(FakeClock::at(Timestamp::UNIX_EPOCH)),
            };
            let fake = Self { folder, hands };
            for (path, text) in [
                ("/etc/hosts", "127.0.0.1 localhost"),
                (
                    "/etc/docker/daemon.json",
                    "{\"zz\":1,\"userland-proxy\":false}",
                ),
                ("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1\n"),
                ("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "1\n"),
                ("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "0\n"),
            ] {
                fake.write(path, text);
            }
            fake
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.hands.root.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn read(&self, path: &str) -> String {
            fs::read_to_string(self.hands.root.path(path)).unwrap()
        }

        fn journal(&self) -> Journal {
            Journal::open(&self.folder.path().join("journal.jsonl")).unwrap()
        }

        /// Every file with its content.
        fn all(&self) -> BTreeMap<PathBuf, Vec<u8>> {
            fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() {
                        found.insert(path.clone(), Vec::new());
                        walk(&path, found);
                    } else {
                        found.insert(path.clone(), fs::read(&path).unwrap());
                    }
                }
            }
            let mut found = BTreeMap::new();
            walk(&self.hands.root.path("/"), &mut found);
            found
        }
    }

    const ALL: &str = "net/ipv6/conf/all/disable_ipv6";

    fn repairs() -> Vec<Repair> {
        let of = |check: &str, actions| Repair {
            check: check.to_owned(),
            actions,
        };
        let setting = |key: &str, value: &str| {
            vec![
                Action::Sysctl {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
                Action::SysctlLine {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
            ]
        };
        vec![
            of("ipv6-disable-all", setting(ALL, "0")),
            of(
                "ipv6-disable-lo",
                setting("net/ipv6/conf/lo/disable_ipv6", "0"),
            ),
            of(
                "hosts-localhost-v6",
                vec![Action::Hosts {
                    address: "::1".to_owned(),
                    names: vec!["localhost".to_owned()],
                }],
            ),
            of(
                "docker-userland-proxy",
                vec![Action::DaemonJson {
                    path: "/etc/docker/daemon.json".into(),
                    edits: vec![
                        Edit::Remove {
                            key: "userland-proxy".to_owned(),
                        },
                        Edit::Set {
                            key: "ipv6".to_owned(),
                            value: json!(true),
                        },
                    ],
                    validate: false,
                }],
            ),
        ]
    }

    #[tokio::test]
    async fn repairs_are_made_once_and_taken_back_byte_for_byte() {
        let fake = Fake::new();
        let before = fake.all();
        let mut journal = fake.journal();
        let made = fake.hands.repair(&mut journal, &repairs()).await.unwrap();
        assert!(
            made.iter()
                .all(|repaired| repaired.error.is_none() && !repaired.changes.is_empty()),
            "{made:?}"
        );
        assert_eq!(
            fake.read("/etc/hosts"),
            "127.0.0.1 localhost\n::1 localhost # garden6 doctor hosts-localhost-v6\n"
        );
        assert_eq!(
            fake.read("/etc/sysctl.d/90-garden6.conf")
                .lines()
                .skip(1)
                .collect::<Vec<_>>(),
            [
                "# ipv6-disable-all",
                "net.ipv6.conf.all.disable_ipv6 = 0",
                "# ipv6-disable-lo",
                "net.ipv6.conf.lo.disable_ipv6 = 0"
            ]
        );
        assert_eq!(
            fake.read("/etc/docker/daemon.json.garden6.19700101T000000Z"),
            "{\"zz\":1,\"userland-proxy\":false}"
        );
        let fixed = fake.all();
        let again = fake
            .hands
            .repair(&mut fake.journal(), &repairs())
            .await
            .unwrap();
        assert!(
            again.iter().all(|repaired| repaired.changes.is_empty()),
            "{again:?}"
        );
        assert_eq!(fake.all(), fixed, "a second run does nothing");
        let undone = fake
            .hands
            .undo(&mut fake.journal(), Restarts::Harmless)
            .await
            .unwrap();
        assert!(undone.iter().all(|taken| !taken.is_left()), "{undone:?}");
        assert_eq!(fake.all(), before);
        assert!(
            fake.hands
                .undo(&mut fake.journal(), Restarts::Harmless)
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn what_somebody_else_changed_since_is_left_alone_until_it_is_as_we_left_it() {
        let fake = Fake::new();
        let before = fake.all();
        let mut journal = fake.journal();
        fake.hands.repair(&mut journal, &repairs()).await.unwrap();
        let ours = fake.read("/etc/hosts");
        fake.write("/etc/hosts", &format!("{ours}192.0.2.1 mine\n"));
        let undone = fake
            .hands
            .undo(&mut journal, Restarts::Harmless)
            .await
            .unwrap();
        let left: Vec<String> = undone
            .iter()
            .filter(|taken| taken.is_left())
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            left,
            ["/etc/hosts (edited): left alone, /etc/hosts was changed since"]
        );
        assert!(fake.read("/etc/hosts").ends_with("192.0.2.1 mine\n"));
        fake.write("/etc/hosts", &ours);
        fake.hands
            .undo(&mut fake.journal(), Restarts::Harmless)
            .await
            .unwrap();
        assert_eq!(fake.all(), before);
    }

    #[tokio::test]
    async fn a_setting_that_somebody_else_changed_since_is_left_alone() {
        let fake = Fake::new();
        let mut journal = fake.journal();
        fake.hands
            .repair(&mut journal, &repairs()[..1])
            .await
            .unwrap();
        fake.write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "2\n");
        let undone = fake
            .hands
            .undo(&mut journal, Restarts::Harmless)
            .await
            .unwrap();
        assert!(
            undone
                .iter()
                .any(|taken| taken.to_string().contains("which is neither 0 nor 1")),
            "{undone:?}"
        );
        assert_eq!(fake.read("/proc/sys/net/ipv6/conf/all/disable_ipv6"), "2\n");
    }

    #[tokio::test]
    async fn a_crash_between_announcement_and_change_leaves_nothing_to_take_back() {
        let fake = Fake::new();
        let before = fake.all();
        let mut journal = fake.journal();
        for repair in repairs() {
            for action in &repair.actions {
                for change in fake.hands.prepare(&repair.check, action).await.unwrap() {
                    journal.intend(&*fake.hands.clock, &[], &change).unwrap();
                }
            }
        }
        let undone = fake
            .hands
            .undo(&mut fake.journal(), Restarts::Harmless)
            .await
            .unwrap();
        assert!(undone.iter().all(|taken| !taken.is_left()), "{undone:?}");
        assert_eq!(fake.all(), before);
    }

    #[tokio::test]
    async fn a_crash_between_change_and_confirmation_is_taken_back() {
        let fake = Fake::new();
        let before = fake.all();
        let mut journal = fake.journal();
        for repair in repairs() {
            for action in &repair.actions {
                for change in fake.hands.prepare(&repair.check, action).await.unwrap() {
                    journal.intend(&*fake.hands.clock, &[], &change).unwrap();
                    fake.hands.make(&change).await.unwrap();
                }
            }
        }
        assert_ne!(fake.all(), before);
        fake.hands
            .undo(&mut fake.journal(), Restarts::Harmless)
            .await
            .unwrap();
        assert_eq!(fake.all(), before);
    }

    #[tokio::test]
    async fn a_repair_that_fails_half_way_is_taken_back_and_the_next_one_goes_on() {
        let fake = Fake::new();
        let before = fake.all();
        let mut journal = fake.journal();
        let mut broken = repairs().remove(0);
        broken.actions.push(Action::Key {
            path: "/etc/none.conf".into(),
            key: "A".to_owned(),
            value: "b".to_owned(),
        });
        let made = fake
            .hands
            .repair(&mut journal, &[broken, repairs().remove(2)])
            .await
            .unwrap();
        assert_eq!(
            made[0].error.as_ref().unwrap().to_string(),
            "/etc/none.conf does not exist"
        );
        assert_eq!(made[1].changes, ["/etc/hosts (edited)"]);
        fake.hands
            .undo(&mut journal, Restarts::Harmless)
            .await
            .unwrap();
        assert_eq!(fake.all(), before);
    }

    #[tokio::test]
    async fn files_that_are_not_text_or_are_links_are_left_alone() {
        let fake = Fake::new();
        fs::write(fake.hands.root.path("/etc/hosts"), b"\xff\xfe").unwrap();
        let made = fake
            .hands
            .repair(&mut fake.journal(), &repairs()[2..3])
            .await
            .unwrap();
        assert_eq!(
            made[0].error.as_ref().unwrap().to_string(),
            "/etc/hosts is no text"
        );
        fs::remove_file(fake.hands.root.path("/etc/hosts")).unwrap();
        std::os::unix::fs::symlink("/nix/hosts", fake.hands.root.path("/etc/hosts")).unwrap();
        let made = fake
            .hands
            .repair(&mut fake.journal(), &repairs()[2..3])
            .await
            .unwrap();
        assert!(made[0].error.is_some());
    }
}
