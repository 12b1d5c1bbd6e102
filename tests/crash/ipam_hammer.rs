//! Load for the crash test of the address store (`hack/ipam-kill-test.sh`), and its judge.
//!
//!     ipam-hammer init STORE
//!     ipam-hammer run STORE RECORD SEED      until it is killed
//!     ipam-hammer check STORE RECORD...
//!
//! A record says what one process was told, after it was told: `A` acquired, `R` about to release,
//! `r` released, each with the time. From `A` to `R` the thing is this process's alone.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::Write as _,
    net::IpAddr,
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use garden6::{
    ipam::{
        engine::{DEFAULT_NAMESPACE as NS, EngineError, Reserve},
        store::Store,
    },
    net::Cidr,
};

const CHILDREN_OF: &str = "2001:db8::/40";
const CHILD: u8 = 64;
const ADDRESSES_OF: &str = "10.0.0.0/8";

fn cidr(text: &str) -> Cidr {
    text.parse().expect("the constants are canonical")
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["init", store] => init(Path::new(store)),
        ["run", store, record, seed] => {
            let seed = seed.parse().expect("the seed is a number");
            run(Path::new(store), Path::new(record), seed);
        }
        ["check", store, records @ ..] => return check(Path::new(store), records),
        _ => panic!("usage: ipam-hammer init|run|check STORE ..."),
    }
    ExitCode::SUCCESS
}

fn init(path: &Path) {
    let mut store = Store::open(path).expect("the store opens");
    store
        .transact(|steps| -> Result<(), EngineError> {
            steps.create_prefix(NS, cidr(CHILDREN_OF), Reserve::Ends)?;
            steps.create_prefix(NS, cidr(ADDRESSES_OF), Reserve::Ends)
        })
        .expect("a new store takes both prefixes");
}

fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is set").as_nanos()
}

/// Something that is acquired: a child prefix or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Child(Cidr),
    Address(IpAddr),
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Child(child) => child.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl Thing {
    fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(address) => Self::Address(address),
            Err(_) => Self::Child(cidr(text)),
        }
    }
}

fn note(record: &mut File, event: char, things: &[Thing]) {
    let time = now();
    let mut lines = Vec::new();
    for thing in things {
        writeln!(lines, "{event} {time} {thing}").expect("memory takes a line");
    }
    record.write_all(&lines).expect("the record can be written");
}

/// Acquires and releases until it is killed.
fn run(path: &Path, record: &Path, seed: u64) {
    let mut record = OpenOptions::new()
        .append(true)
        .create(true)
        .open(record)
        .expect("the record opens");
    let mut store = Store::open(path).expect("the store opens");
    let mut number = seed | 1;
    let mut random = move |below: u64| {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        number % below
    };
    let mut mine: Vec<Thing> = Vec::new();
    loop {
        let batch = 1 + random(8);
        if mine.len() > 200 || (!mine.is_empty() && random(3) == 0) {
            let count = mine.len().min(usize::try_from(batch).expect("small"));
            let things: Vec<Thing> = mine.drain(..count).collect();
            note(&mut record, 'R', &things);
            store
                .transact(|steps| {
                    things.iter().try_for_each(|thing| match thing {
                        Thing::Child(child) => steps.release_child(NS, *child),
                        Thing::Address(address) => {
                            steps.release_address(NS, cidr(ADDRESSES_OF), *address)
                        }
                    })
                })
                .expect("what is mine can be released");
            note(&mut record, 'r', &things);
            continue;
        }
        let children = random(2) == 0;
        let acquired = store.transact(|steps| {
            (0..batch)
                .map(|_| {
                    Ok(if children {
                        Thing::Child(steps.acquire_child(NS, cidr(CHILDREN_OF), CHILD)?)
                    } else {
                        Thing::Address(steps.acquire_address(NS, cidr(ADDRESSES_OF))?)
                    })
                })
                .collect::<Result<Vec<Thing>, EngineError>>()
        });
        let acquired = acquired.expect("there is room for everybody");
        note(&mut record, 'A', &acquired);
        mine.extend(acquired);
    }
}

/// From when to when something was certainly somebody's; without an end it still is.
type Held = (u128, Option<u128>);

fn check(path: &Path, records: &[&str]) -> ExitCode {
    let mut held: BTreeMap<Thing, Vec<Held>> = BTreeMap::new();
    let (mut acquired, mut released) = (0_u64, 0_u64);
    let mut unsure: BTreeSet<Thing> = BTreeSet::new();
    for record in records {
        let text = fs::read_to_string(record).expect("the record can be read");
        // The last line may be torn: then its thing was acknowledged and not written down.
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [event, time, thing] = words.as_slice() else {
                panic!("{record}: `{line}`");
            };
            let time: u128 = time.parse().expect("times are numbers");
            let thing = Thing::parse(thing);
            let spans = held.entry(thing).or_default();
            match *event {
                "A" => {
                    acquired += 1;
                    spans.push((time, None));
                }
                "R" => {
                    let open = spans.iter_mut().rev().find(|span| span.1.is_none());
                    open.expect("only what was acquired is released").1 = Some(time);
                    unsure.insert(thing);
                }
                _ => {
                    released += 1;
                    unsure.remove(&thing);
                }
            }
        }
    }
    let mut store = Store::open(path).expect("the store opens after all that");
    let there = in_store(&mut store);
    let mut problems = 0;
    for (thing, spans) in &mut held {
        spans.sort_unstable();
        for pair in spans.windows(2) {
            if pair[0].1.is_none_or(|end| end > pair[1].0) {
                println!("{thing} was handed out twice");
                problems += 1;
            }
        }
        let live = spans.iter().any(|span| span.1.is_none());
        if live && !there.contains(thing) {
            println!("{thing} was acknowledged and is lost");
            problems += 1;
        }
    }
    let live = held
        .values()
        .filter(|spans| spans.iter().any(|span| span.1.is_none()))
        .count();
    println!(
        "{} processes were told of {acquired} acquisitions and {released} releases; {live} are held, \
         the store has {} ({} nobody was told of, {} were being released): {problems} problems",
        records.len(),
        there.len(),
        there.len().saturating_sub(live),
        unsure.len(),
    );
    if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn in_store(store: &mut Store) -> BTreeSet<Thing> {
    let engine = store.read().expect("the store can be read").engine();
    let children = engine.prefixes(NS).expect("the namespace is there");
    let mut there: BTreeSet<Thing> = children
        .iter()
        .filter(|view| view.parent.is_some())
        .map(|view| Thing::Child(view.cidr))
        .collect();
    engine
        .held_addresses(NS, &mut |_, address| {
            there.insert(Thing::Address(address));
        })
        .expect("the namespace is there");
    there
}
