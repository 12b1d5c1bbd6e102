use std::fs;

use super::*;
use crate::{
    ipam::engine::{DEFAULT_NAMESPACE as NS, EngineError, Reserve},
    net::Cidr,
};

const PARENT: &str = "2001:db8::/40";

fn parent() -> Cidr {
    PARENT.parse().unwrap()
}

fn prepared(path: &Path) -> Store {
    let mut store = Store::open(path).unwrap();
    store
        .transact(|steps| steps.create_prefix(NS, parent(), Reserve::Ends))
        .unwrap();
    store
}

fn acquire(store: &mut Store) -> Cidr {
    store
        .transact(|steps| steps.acquire_child(NS, parent(), 64))
        .unwrap()
}

fn children(store: &mut Store) -> usize {
    let state = store.read().unwrap();
    state.engine().usage(NS, parent()).unwrap().children
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    assert_eq!(acquire(&mut store).to_string(), "2001:db8::/64");
    drop(store);
    let mut store = Store::open(&path).unwrap();
    assert_eq!(acquire(&mut store).to_string(), "2001:db8:0:1::/64");
}

#[test]
fn two_that_share_a_file_see_each_other_and_never_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut one = prepared(&path);
    let mut other = Store::open(&path).unwrap();
    let mut all: Vec<Cidr> = (0..50)
        .flat_map(|_| [acquire(&mut one), acquire(&mut other)])
        .collect();
    assert_eq!((children(&mut one), children(&mut other)), (100, 100));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 100);
}

#[test]
fn a_refusal_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    let before = fs::read(&path).unwrap();
    let refused = store.transact(|steps| {
        steps.acquire_child(NS, parent(), 64)?;
        steps.acquire_child(NS, parent(), 8)
    });
    assert!(matches!(
        refused,
        Err(TransactError::Refused(EngineError::LengthNotLonger { .. }))
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(children(&mut store), 0);
}

#[test]
fn a_last_line_torn_at_any_byte_is_cut_off_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    acquire(&mut store);
    let kept = fs::read(&path).unwrap();
    acquire(&mut store);
    let whole = fs::read(&path).unwrap();
    for length in kept.len()..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let mut store = Store::open(&path).unwrap();
        assert_eq!(children(&mut store), 1, "torn at byte {length}");
        assert_eq!(fs::read(&path).unwrap(), kept);
        assert_eq!(acquire(&mut store).to_string(), "2001:db8:0:1::/64");
    }
}

#[test]
fn a_process_that_is_open_finds_a_line_torn_by_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    let mut torn = fs::read(&path).unwrap();
    torn.extend(b"0badc0de 3 [{\"child\":[\"ro");
    fs::write(&path, torn).unwrap();
    assert_eq!(acquire(&mut store).to_string(), "2001:db8::/64");
    assert_eq!(children(&mut Store::open(&path).unwrap()), 1);
}

#[test]
fn damage_is_refused_wherever_it_is_and_the_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    acquire(&mut store);
    acquire(&mut store);
    drop(store);
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() - 1 {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x01;
        fs::write(&path, &damaged).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Foreign { .. } | StoreError::Damaged { .. }
            ),
            "byte {place}: {error}"
        );
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
    for missing in [&b""[..], b"garden6-ipam", b"something else entirely\n"] {
        fs::write(&path, missing).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), missing);
    }
}

#[test]
fn a_missing_line_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    acquire(&mut store);
    acquire(&mut store);
    drop(store);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.remove(3);
    fs::write(&path, lines.concat()).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "line 4 of the address log {} is damaged: it has number 4 instead of 3",
            path.display()
        )
    );
}

#[test]
fn a_log_that_is_mostly_history_is_rewritten_and_others_notice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ipam.log");
    let mut store = prepared(&path);
    let kept = acquire(&mut store);
    for _ in 0..6 {
        store
            .transact(|steps| -> Result<(), EngineError> {
                for _ in 0..1_000 {
                    let child = steps.acquire_child(NS, parent(), 64)?;
                    steps.release_child(NS, child)?;
                }
                Ok(())
            })
            .unwrap();
    }
    let long = fs::metadata(&path).unwrap().len();
    let mut other = Store::open(&path).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < long / 100);
    assert_eq!(children(&mut other), 1);
    assert_ne!(acquire(&mut store), kept);
    assert_eq!((children(&mut store), children(&mut other)), (2, 2));
}
