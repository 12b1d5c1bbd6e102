//! What allocations cost, side by side with the published semantics of go-ipam. Never a test.
//!
//!     cargo bench --bench ipam
//!
//! The reference is a plain reimplementation in the same language (`tests/reference`), so the
//! ratios compare ways to find a free block, not languages or networks.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[path = "../reference/mod.rs"]
#[expect(dead_code, reason = "the vectors use the rest")]
mod reference;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use garden6::{
    ipam::{
        engine::{DEFAULT_NAMESPACE as NS, Engine, Reserve},
        store::Store,
    },
    net::Cidr,
};
use reference::go_ipam::GoIpam;

const CHILDREN_OF: &str = "2001:db8::/40";
const CHILD: u8 = 64;
const ADDRESSES_OF: &str = "2001:db8:ffff::/64";
/// Operations that are timed at each population.
const TIMED: u32 = 50_000;
/// The same for the reference, which takes long.
const TIMED_REFERENCE: u32 = 20;
const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;
const GOAL_PER_SECOND: f64 = 1_000_000.0;

fn main() {
    let child_few = best(|| children(FEW));
    let child_many = best(|| children(MANY));
    let address_few = best(|| addresses(FEW));
    let address_many = best(|| addresses(MANY));
    let scattered_few = best(|| scattered(FEW));
    let scattered_many = best(|| scattered(MANY));
    for (what, few, many) in [
        ("acquire child", child_few, child_many),
        ("acquire IP", address_few, address_many),
        (
            "release and acquire child, scattered",
            scattered_few,
            scattered_many,
        ),
    ] {
        println!(
            "{what}: {} at {FEW}, {} at {MANY} ({:.2} times)",
            rate(few),
            rate(many),
            ratio(many, few)
        );
    }
    for (what, cost) in [("acquire child", child_many), ("acquire IP", address_many)] {
        let met = per_second(cost) >= GOAL_PER_SECOND;
        println!("{what}: at least 1,000,000/s on one core: {}", yes(met));
    }
    for (what, few, many) in [
        ("acquire child", child_few, child_many),
        ("acquire IP", address_few, address_many),
    ] {
        let met = ratio(many, few) <= 2.0;
        println!("{what}: at {MANY} within 2 times of {FEW}: {}", yes(met));
    }
    durable();
    println!("side by side with the published semantics of go-ipam:");
    for population in [FEW, 4 * FEW] {
        let ours = best(|| children(population));
        let theirs = reference_children(population);
        println!(
            "  acquire child at {population}: {} against {}: {:.0} times faster",
            rate(ours),
            rate(theirs),
            ratio(theirs, ours)
        );
        let ours = best(|| addresses(population));
        let theirs = reference_addresses(population);
        println!(
            "  acquire IP at {population}: {} against {}: {:.0} times faster",
            rate(ours),
            rate(theirs),
            ratio(theirs, ours)
        );
    }
}

/// The best of three runs, per operation.
fn best(run: impl Fn() -> Duration) -> Duration {
    (0..3).map(|_| run()).min().expect("there are three runs")
}

fn engine(prefix: Cidr) -> Engine {
    let mut engine = Engine::default();
    engine
        .create_prefix(NS, prefix, Reserve::Ends)
        .expect("the first prefix overlaps nothing");
    engine
}

/// How long `operation` takes on average on engines that hold `population` things. Small engines
/// are made anew before they grow by a tenth.
fn timed<E>(population: u32, fill: impl Fn() -> E, mut operation: impl FnMut(&mut E)) -> Duration {
    let batch = (population / 10).min(TIMED);
    let mut spent = Duration::ZERO;
    let mut done = 0;
    while done < TIMED {
        let mut filled = fill();
        let started = Instant::now();
        for _ in 0..batch {
            operation(&mut filled);
        }
        spent += started.elapsed();
        done += batch;
        black_box(&filled);
    }
    spent / done
}

fn children(population: u32) -> Duration {
    let parent: Cidr = CHILDREN_OF.parse().expect("canonical");
    let acquire = |engine: &mut Engine| {
        let child = engine.acquire_child(NS, parent, CHILD);
        black_box(child.expect("there is room"));
    };
    let fill = || {
        let mut engine = engine(parent);
        (0..population).for_each(|_| acquire(&mut engine));
        engine
    };
    timed(population, fill, acquire)
}

fn addresses(population: u32) -> Duration {
    let prefix: Cidr = ADDRESSES_OF.parse().expect("canonical");
    let acquire = |engine: &mut Engine| {
        let address = engine.acquire_address(NS, prefix);
        black_box(address.expect("there is room"));
    };
    let fill = || {
        let mut engine = engine(prefix);
        (0..population).for_each(|_| acquire(&mut engine));
        engine
    };
    timed(population, fill, acquire)
}

/// A child somewhere is given back and one is taken: the worst case for caches.
fn scattered(population: u32) -> Duration {
    let parent: Cidr = CHILDREN_OF.parse().expect("canonical");
    let fill = || {
        let mut engine = engine(parent);
        for _ in 0..population {
            engine
                .acquire_child(NS, parent, CHILD)
                .expect("there is room");
        }
        engine
    };
    let all = u128::from(population);
    let mut place = 1_u128;
    timed(population, fill, |engine| {
        place = (place * 48_271) % 2_147_483_647;
        let somewhere = parent.left_aligned_bits() + ((place % all) << 64);
        let child = Cidr::from_left_aligned(parent.family(), somewhere, CHILD)
            .expect("a length of the family");
        engine.release_child(NS, child).expect("it is taken");
        black_box(
            engine
                .acquire_child(NS, parent, CHILD)
                .expect("there is room"),
        );
    })
}

/// Allocations that are on disk when they are answered, as many in one transaction as a caller
/// wants at once.
fn durable() {
    const GOAL: f64 = 20_000.0;
    let parent: Cidr = CHILDREN_OF.parse().expect("canonical");
    for (batch, rounds) in [(1, 500), (64, 200), (1_000, 50)] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("addresses.log");
        let mut store = Store::open(&path).expect("a new store opens");
        store
            .transact(|steps| steps.create_prefix(NS, parent, Reserve::Ends))
            .expect("the first prefix overlaps nothing");
        let started = Instant::now();
        for _ in 0..rounds {
            let done = store.transact(|steps| {
                (0..batch).try_for_each(|_| steps.acquire_child(NS, parent, CHILD).map(drop))
            });
            done.expect("there is room");
        }
        let all = f64::from(batch * rounds);
        let rate = all / started.elapsed().as_secs_f64();
        let goal = if batch == 1_000 {
            format!("; at least 20,000/s batched: {}", yes(rate >= GOAL))
        } else {
            String::new()
        };
        println!("durable acquire child, {batch} in a transaction: {rate:.0}/s{goal}");
    }
}

fn reference_children(population: u32) -> Duration {
    let mut ipam = GoIpam::default();
    ipam.new_prefix("root", CHILDREN_OF)
        .expect("the first prefix overlaps nothing");
    for _ in 0..population {
        ipam.acquire_child("root", CHILDREN_OF, CHILD)
            .expect("there is room");
    }
    let started = Instant::now();
    for _ in 0..TIMED_REFERENCE {
        black_box(
            ipam.acquire_child("root", CHILDREN_OF, CHILD)
                .expect("there is room"),
        );
    }
    started.elapsed() / TIMED_REFERENCE
}

fn reference_addresses(population: u32) -> Duration {
    let mut ipam = GoIpam::default();
    ipam.new_prefix("root", ADDRESSES_OF)
        .expect("the first prefix overlaps nothing");
    for _ in 0..population {
        ipam.acquire_ip("root", ADDRESSES_OF)
            .expect("there is room");
    }
    let started = Instant::now();
    for _ in 0..TIMED_REFERENCE {
        black_box(
            ipam.acquire_ip("root", ADDRESSES_OF)
                .expect("there is room"),
        );
    }
    started.elapsed() / TIMED_REFERENCE
}

fn per_second(cost: Duration) -> f64 {
    1.0 / cost.as_secs_f64()
}

fn rate(cost: Duration) -> String {
    let nanoseconds = cost.as_secs_f64() * 1e9;
    format!("{nanoseconds:.0} ns ({:.0}/s)", per_second(cost))
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

const fn yes(met: bool) -> &'static str {
    if met { "yes" } else { "NO" }
}
