//! The clouds themselves: pools of prefixes and who has what of them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use super::assigned::Wanted;
use crate::{
    ipam::engine::{Engine, EngineError, Reserve},
    net::Cidr,
    stack::error::ReconcileError,
};

/// The pools by provider and name. Documentation prefixes, and invented ones of the providers.
const POOLS: [(&str, &str, &str); 6] = [
    ("aws", "default", "2600:1f13:abc0::/44"),
    ("aws", "small", "2600:1f14:abcd:1200::/55"),
    ("gcp", "default", "2600:1900:4000::/44"),
    ("gcp", "small", "2600:1901:4000:abcc::/62"),
    ("openstack", "default", "2001:db8::/32"),
    ("openstack", "small", "3fff:0:0:abc0::/63"),
];

/// All simulated clouds of a process. An owner is the namespace of a Shoot.
#[derive(Debug)]
pub(crate) struct Cloud(Mutex<Books>);

#[derive(Debug)]
struct Books {
    /// One namespace for each provider.
    engine: Engine,
    /// What owners have, by provider and owner.
    owners: BTreeMap<(String, String), Vec<Cidr>>,
    /// How often a cloud failed on purpose, by owner.
    failures: BTreeMap<String, u32>,
}

impl Default for Cloud {
    fn default() -> Self {
        let mut engine = Engine::default();
        for (provider, _, pool) in POOLS {
            engine.create_namespace(provider);
            let pool = pool.parse().expect("the pools are canonical");
            engine
                .create_prefix(provider, pool, Reserve::Ends)
                .expect("the pools of a provider do not overlap");
        }
        engine.create_namespace("azure");
        Self(Mutex::new(Books {
            engine,
            owners: BTreeMap::new(),
            failures: BTreeMap::new(),
        }))
    }
}

fn pools(provider: &str) -> impl Iterator<Item = (&'static str, Cidr)> {
    let pools = POOLS.into_iter().filter(move |pool| pool.0 == provider);
    pools.map(|(_, name, pool)| (name, pool.parse().expect("the pools are canonical")))
}

fn refused(provider: &str, error: &EngineError) -> ReconcileError {
    let text = format!("{provider}: {error}");
    if error.is_exhaustion() {
        ReconcileError::depleted(text)
    } else {
        ReconcileError::configuration(text)
    }
}

impl Books {
    fn key(provider: &str, owner: &str) -> (String, String) {
        (provider.to_owned(), owner.to_owned())
    }

    /// Takes exactly these: out of a pool, or as ranges of the owner's own.
    fn take(&mut self, provider: &str, blocks: &[Cidr]) -> Result<(), EngineError> {
        let mut taken: Vec<Cidr> = Vec::new();
        for block in blocks {
            let pool = pools(provider).find(|(_, pool)| pool.contains_cidr(*block));
            let done = match pool {
                Some((_, pool)) => self.engine.acquire_specific_child(provider, pool, *block),
                None => self.engine.create_prefix(provider, *block, Reserve::Ends),
            };
            if let Err(error) = done {
                self.give_back(provider, &taken);
                return Err(error);
            }
            taken.push(*block);
        }
        Ok(())
    }

    fn give_back(&mut self, provider: &str, blocks: &[Cidr]) {
        for block in blocks {
            self.engine
                .delete_prefix(provider, *block)
                .expect("nothing is below what a cloud handed out");
        }
    }
}

impl Cloud {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().expect("no panic happens under this lock")
    }

    /// Fails as often as an owner asked for, then never again.
    pub(super) fn fail_on_purpose(&self, owner: &str, times: u32) -> Result<(), ReconcileError> {
        let mut books = self.books();
        let failures = books.failures.entry(owner.to_owned()).or_default();
        if *failures < times {
            *failures += 1;
            let text = format!("the cloud fails on purpose ({failures} of {times})");
            return Err(ReconcileError::unavailable(text));
        }
        Ok(())
    }

    /// Remembers what an owner has from before this process; nothing where that is known already.
    pub(super) fn restore(&self, provider: &str, owner: &str, blocks: &[Cidr]) {
        let mut books = self.books();
        let key = Books::key(provider, owner);
        if books.owners.contains_key(&key) {
            return;
        }
        match books.take(provider, blocks) {
            Ok(()) => {
                books.owners.insert(key, blocks.to_vec());
            }
            Err(error) => tracing::warn!(provider, owner, %error, "two have the same prefix"),
        }
    }

    /// Hands out blocks of a pool: the same again to who has some already.
    pub(super) fn hand_out(
        &self,
        provider: &str,
        owner: &str,
        pool: &str,
        wanted: Wanted,
    ) -> Result<Vec<Cidr>, ReconcileError> {
        let mut books = self.books();
        let key = Books::key(provider, owner);
        if let Some(blocks) = books.owners.get(&key) {
            return Ok(blocks.clone());
        }
        let named = pools(provider).find(|(name, _)| *name == pool);
        let Some((_, prefix)) = named else {
            let known: Vec<&str> = pools(provider).map(|(name, _)| name).collect();
            return Err(ReconcileError::configuration(format!(
                "{provider} has no pool `{pool}`, only {}",
                known.join(", ")
            )));
        };
        let mut blocks = Vec::new();
        for _ in 0..wanted.count {
            match books.engine.acquire_child(provider, prefix, wanted.length) {
                Ok(block) => blocks.push(block),
                Err(error) => {
                    // All or nothing: another Shoot may need fewer.
                    books.give_back(provider, &blocks);
                    return Err(refused(provider, &error));
                }
            }
        }
        books.owners.insert(key, blocks.clone());
        Ok(blocks)
    }

    /// Lets an owner have exactly these.
    pub(super) fn let_have(
        &self,
        provider: &str,
        owner: &str,
        blocks: Vec<Cidr>,
    ) -> Result<Vec<Cidr>, ReconcileError> {
        let mut books = self.books();
        let key = Books::key(provider, owner);
        if let Some(blocks) = books.owners.get(&key) {
            return Ok(blocks.clone());
        }
        books
            .take(provider, &blocks)
            .map_err(|error| refused(provider, &error))?;
        books.owners.insert(key, blocks.clone());
        Ok(blocks)
    }

    /// Takes back what an owner has.
    pub(super) fn take_back(&self, provider: &str, owner: &str) {
        let mut books = self.books();
        if let Some(blocks) = books.owners.remove(&Books::key(provider, owner)) {
            books.give_back(provider, &blocks);
        }
        books.failures.remove(owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Wanted = Wanted {
        length: 64,
        count: 1,
    };

    fn texts(blocks: Result<Vec<Cidr>, ReconcileError>) -> Vec<String> {
        blocks.unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_owner_gets_the_same_and_what_is_returned_is_handed_out_again() {
        let cloud = Cloud::default();
        let take = |owner| texts(cloud.hand_out("openstack", owner, "default", ONE));
        assert_eq!(take("a"), ["2001:db8::/64"]);
        assert_eq!(take("b"), ["2001:db8:0:1::/64"]);
        assert_eq!(take("a"), ["2001:db8::/64"]);
        cloud.take_back("openstack", "a");
        assert_eq!(take("c"), ["2001:db8::/64"]);
    }

    #[test]
    fn a_pool_runs_out_and_a_part_is_never_kept() {
        let cloud = Cloud::default();
        let take = |owner, count| {
            let wanted = Wanted { length: 64, count };
            cloud.hand_out("openstack", owner, "small", wanted)
        };
        let error = take("a", 3).unwrap_err();
        assert_eq!(error.codes(), ["ERR_INFRA_RESOURCES_DEPLETED"]);
        assert!(error.to_string().contains("no prefix of length /64"));
        take("a", 2).unwrap();
        assert!(take("b", 1).is_err());
    }

    #[test]
    fn what_others_have_is_refused_and_what_is_known_from_before_is_kept() {
        let cloud = Cloud::default();
        let vpc: Cidr = "2600:1f13:abcd:1200::/56".parse().unwrap();
        cloud.restore("aws", "old", &[vpc]);
        assert!(cloud.let_have("aws", "new", vec![vpc]).is_err());
        assert_eq!(
            texts(cloud.let_have("aws", "old", vec![vpc])),
            [vpc.to_string()]
        );
        let own: Cidr = "2001:db8:1000::/44".parse().unwrap();
        cloud.let_have("aws", "new", vec![own]).unwrap();
        assert!(cloud.let_have("aws", "third", vec![own]).is_err());
    }

    #[test]
    fn a_cloud_fails_as_often_as_it_is_told_to() {
        let cloud = Cloud::default();
        assert!(cloud.fail_on_purpose("a", 2).is_err());
        assert!(cloud.fail_on_purpose("a", 2).is_err());
        cloud.fail_on_purpose("a", 2).unwrap();
    }
}
