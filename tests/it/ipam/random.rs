//! Random operations on the engine and on the model side by side: same answers, same refusals,
//! same state.

use std::{fmt::Debug, net::IpAddr};

use garden6::{
    ipam::engine::{DEFAULT_NAMESPACE as NS, Engine, EngineError, Reserve},
    net::Cidr,
};
use proptest::prelude::*;

use super::model::{Model, Refusal};

/// Roots that touch both ends of both families, and each other.
const ROOTS: [&str; 10] = [
    "10.0.0.0/26",
    "10.0.0.64/27",
    "10.0.0.0/25",
    "255.255.255.192/26",
    "192.0.2.4/31",
    "192.0.2.1/32",
    "2001:db8::/121",
    "2001:db8::80/127",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff80/121",
    "::/0",
];

/// A small generator of numbers (splitmix64), so that a sequence is named by its seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a length fits");
        usize::try_from(self.next() % bound).expect("less than a length")
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).copied()
    }
}

/// Both, and what decides about the next operation.
struct Pair {
    engine: Engine,
    model: Model,
    numbers: Numbers,
}

fn same<T: PartialEq + Debug>(ours: Result<T, EngineError>, model: Result<T, Refusal>, what: &str) {
    let ours = ours.map_err(|error| {
        let text = format!("{error:?}");
        let end = text.find(|letter: char| !letter.is_alphanumeric());
        text[..end.unwrap_or(text.len())].to_owned()
    });
    assert_eq!(ours, model.map_err(str::to_owned), "{what}");
}

impl Pair {
    fn root(&mut self) -> Cidr {
        let text = self.numbers.of(&ROOTS).expect("there are roots");
        text.parse().expect("the roots are canonical")
    }

    /// A prefix that exists, or now and then one that does not.
    fn prefix(&mut self) -> Cidr {
        if self.numbers.below(20) == 0 {
            return self.root();
        }
        let all = self.model.prefixes();
        self.numbers.of(&all).unwrap_or_else(|| self.root())
    }

    fn length(&mut self, parent: Cidr) -> u8 {
        let longer = match self.numbers.below(12) {
            0 => self.numbers.below(140),
            _ => usize::from(parent.prefix_len()) + self.numbers.below(6),
        };
        u8::try_from(longer).expect("lengths are small")
    }

    /// An address near the ends of a prefix, or one that is held, or one of another prefix.
    fn address(&mut self, cidr: Cidr) -> IpAddr {
        let held = self.model.held(cidr);
        let small = u128::try_from(self.numbers.below(12)).expect("small");
        match self.numbers.below(5) {
            0 => cidr.last(),
            1 => cidr.nth(small).unwrap_or_else(|| cidr.last()),
            2 => self.root().last(),
            _ => self.numbers.of(&held).unwrap_or_else(|| cidr.network()),
        }
    }

    fn child(&mut self, parent: Cidr) -> Cidr {
        let length = self.length(parent).min(parent.family().bits());
        let address = match self.numbers.below(6) {
            0 => self.root().network(),
            1 => parent.last(),
            _ => self.address(parent),
        };
        Cidr::containing(address, length.min(32)).expect("every family has these lengths")
    }

    fn step(&mut self) {
        let (engine, model);
        let what;
        match self.numbers.below(16) {
            0 => {
                let cidr = self.root();
                what = format!("create {cidr}");
                engine = self.engine.create_prefix(NS, cidr, Reserve::Ends);
                model = self.model.create(cidr);
            }
            1 => {
                let cidr = self.prefix();
                what = format!("delete {cidr}");
                engine = self.engine.delete_prefix(NS, cidr);
                model = self.model.delete(cidr);
            }
            2..=4 => {
                let cidr = self.prefix();
                what = format!("release {cidr}");
                engine = self.engine.release_child(NS, cidr);
                model = self.model.release(cidr);
            }
            5..=8 => {
                let parent = self.prefix();
                let length = self.length(parent);
                let what = format!("child /{length} of {parent}");
                let next = self.engine.next_child(NS, parent, length);
                let taken = self.engine.acquire_child(NS, parent, length);
                assert_eq!(next, taken, "{what}");
                return same(taken, self.model.acquire_child(parent, length), &what);
            }
            9 => {
                let parent = self.prefix();
                let child = self.child(parent);
                what = format!("child {child} of {parent}");
                engine = self.engine.acquire_specific_child(NS, parent, child);
                model = self.model.take_child(parent, child);
            }
            10..=11 => {
                let cidr = self.prefix();
                let what = format!("address of {cidr}");
                let next = self.engine.next_address(NS, cidr);
                let taken = self.engine.acquire_address(NS, cidr);
                assert_eq!(next, taken, "{what}");
                return same(taken, self.model.acquire_address(cidr), &what);
            }
            12 => {
                let cidr = self.prefix();
                let address = self.address(cidr);
                what = format!("address {address} of {cidr}");
                engine = self.engine.acquire_specific_address(NS, cidr, address);
                model = self.model.take_address(cidr, address);
            }
            _ => {
                let cidr = self.prefix();
                let address = self.address(cidr);
                what = format!("release {address} of {cidr}");
                engine = self.engine.release_address(NS, cidr, address);
                model = self.model.release_address(cidr, address);
            }
        }
        same(engine, model, &what);
    }

    /// Everything that can be asked about every prefix.
    fn compare(&self) {
        let mut ours = self.engine.prefixes(NS).expect("the namespace exists");
        ours.sort_by_key(|view| view.cidr);
        let mut listed = self.model.prefixes();
        listed.sort_unstable();
        let found: Vec<Cidr> = ours.iter().map(|view| view.cidr).collect();
        assert_eq!(found, listed);
        for cidr in listed {
            let usage = self.engine.usage(NS, cidr).expect("it was listed");
            assert_eq!(usage.children, self.model.children(cidr).len(), "{cidr}");
            assert_eq!(usage.held, self.model.held(cidr).len() as u128, "{cidr}");
            let free = self.model.free(cidr);
            let unit = cidr.family().bits() - 2;
            let units: u128 = free
                .iter()
                .filter_map(|block| unit.checked_sub(block.prefix_len()))
                .map(|bits| 1 << bits)
                .sum();
            assert_eq!(usage.free_units, units, "{cidr}");
            let largest = free.iter().map(|block| block.prefix_len()).min();
            assert_eq!(usage.largest_free, largest, "{cidr}");
            assert_eq!(self.engine.free_blocks(NS, cidr), Ok(free), "{cidr}");
        }
        let mut held = Vec::new();
        self.engine
            .held_addresses(NS, &mut |cidr, address| held.push((cidr, address)))
            .expect("the namespace exists");
        for (cidr, address) in held {
            assert!(self.model.held(cidr).contains(&address), "{cidr} {address}");
        }
    }
}

/// Runs so many operations and compares everything after every `every` of them.
fn run(seed: u64, steps: u32, every: u32) {
    let mut pair = Pair {
        engine: Engine::default(),
        model: Model::default(),
        numbers: Numbers(seed),
    };
    for step in 1..=steps {
        pair.step();
        if step % every == 0 {
            pair.compare();
        }
    }
    pair.compare();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_engine_does_what_the_naive_model_does(seed: u64) {
        run(seed, 400, 1);
    }
}

/// `cargo test --release --test it ipam -- --ignored`
#[test]
#[ignore = "takes minutes; the property above is the short form"]
fn a_million_operations_do_what_the_naive_model_does() {
    for seed in 0..100 {
        run(seed, 10_000, 10);
    }
}
