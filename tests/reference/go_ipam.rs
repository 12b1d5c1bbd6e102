//! The published semantics of go-ipam, written down in the plainest way: texts in maps, every
//! free block found by walking over everything the parent ever held. What the engine is compared
//! with, in answers (the vectors of the reference pass on it) and in cost.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use garden6::{
    ipam::engine,
    net::{Cidr, IpFamily},
};

/// What upstream's errors are called in the vectors.
pub(crate) type Class = &'static str;

/// One stored prefix.
#[derive(Clone, Debug)]
struct Record {
    cidr: Cidr,
    parent: String,
    is_parent: bool,
    /// Text to whether it was released: what was released stays.
    children: HashMap<String, bool>,
    held: HashSet<String>,
}

/// Figures of a prefix as upstream reports them.
#[derive(Debug)]
pub(crate) struct Usage {
    pub(crate) available_ips: u64,
    pub(crate) acquired_ips: u64,
    pub(crate) available_smallest_prefixes: u64,
    pub(crate) available_prefixes: Vec<Cidr>,
    pub(crate) acquired_prefixes: u64,
}

/// All namespaces.
#[derive(Debug)]
pub(crate) struct GoIpam(BTreeMap<String, HashMap<String, Record>>);

impl Default for GoIpam {
    fn default() -> Self {
        Self([("root".to_owned(), HashMap::new())].into())
    }
}

fn masked(text: &str) -> Option<Cidr> {
    engine::prefix(text).ok()
}

impl Record {
    fn new(cidr: Cidr, parent: String) -> Self {
        let mut held = HashSet::from([cidr.network().to_string()]);
        if cidr.family() == IpFamily::V4 {
            held.insert(cidr.last().to_string());
        }
        Self {
            cidr,
            parent,
            is_parent: false,
            children: HashMap::new(),
            held,
        }
    }

    fn has_addresses(&self) -> bool {
        self.held.len()
            > match self.cidr.family() {
                IpFamily::V4 => 2,
                IpFamily::V6 => 1,
            }
    }

    /// The maximal free blocks: whatever no taken child touches, found by halving.
    fn free(&self) -> Vec<Cidr> {
        let mut taken: Vec<Cidr> = self
            .children
            .iter()
            .filter(|(_, released)| !**released)
            .filter_map(|(text, _)| masked(text))
            .collect();
        taken.sort_unstable();
        let mut free = Vec::new();
        halve(self.cidr, &taken, &mut free);
        free
    }
}

/// `taken` are sorted and inside `block`.
fn halve(block: Cidr, taken: &[Cidr], free: &mut Vec<Cidr>) {
    match taken {
        [] => free.push(block),
        [only] if *only == block => {}
        _ => {
            let mut rest = taken;
            for half in block.subnets(block.prefix_len() + 1) {
                let inside = rest.partition_point(|child| half.contains_cidr(*child));
                halve(half, &rest[..inside], free);
                rest = &rest[inside..];
            }
        }
    }
}

impl GoIpam {
    fn namespace(&self, name: &str) -> Result<&HashMap<String, Record>, Class> {
        self.0.get(name).ok_or("NamespaceDoesNotExist")
    }

    /// A record; a missing namespace and a text that is no prefix look like a missing prefix.
    fn record(&mut self, namespace: &str, text: &str) -> Result<&mut Record, Class> {
        let cidr = masked(text).ok_or("NotFound")?;
        self.0
            .get_mut(namespace)
            .and_then(|records| records.get_mut(&cidr.to_string()))
            .ok_or("NotFound")
    }

    pub(crate) fn new_prefix(&mut self, namespace: &str, text: &str) -> Result<String, Class> {
        let records = self.namespace(namespace)?;
        let cidr = masked(text).ok_or("InvalidCidr")?;
        for existing in records.keys() {
            if masked(existing).is_some_and(|other| other.overlaps(cidr)) {
                return Err("Overlap");
            }
        }
        self.insert(namespace, Record::new(cidr, String::new()));
        Ok(cidr.to_string())
    }

    fn insert(&mut self, namespace: &str, record: Record) {
        let records = self.0.get_mut(namespace).expect("it was looked up before");
        records.insert(record.cidr.to_string(), record);
    }

    pub(crate) fn get_prefix(
        &mut self,
        namespace: &str,
        text: &str,
    ) -> Result<(String, String), Class> {
        self.namespace(namespace)?;
        let record = self.record(namespace, text)?;
        Ok((record.cidr.to_string(), record.parent.clone()))
    }

    pub(crate) fn delete_prefix(&mut self, namespace: &str, text: &str) -> Result<String, Class> {
        let record = self.record(namespace, text)?;
        if record.has_addresses() {
            return Err("PrefixHasIPs");
        }
        let key = record.cidr.to_string();
        self.0
            .get_mut(namespace)
            .expect("it was looked up before")
            .remove(&key);
        Ok(key)
    }

    pub(crate) fn acquire_child(
        &mut self,
        namespace: &str,
        parent: &str,
        length: u8,
    ) -> Result<String, Class> {
        let record = self.record(namespace, parent)?;
        if length <= record.cidr.prefix_len() {
            return Err("LengthNotGreater");
        }
        if record.has_addresses() {
            return Err("PrefixHasIPs");
        }
        let mut best: Option<Cidr> = None;
        for block in record.free() {
            let fits = block.prefix_len() <= length;
            if fits && best.is_none_or(|best| best.prefix_len() < block.prefix_len()) {
                best = Some(block);
            }
        }
        let best = best.ok_or("NoPrefixAvailable")?;
        let child = Cidr::containing(best.network(), length).ok_or("InvalidChild")?;
        Ok(self.take(namespace, parent, child, child.to_string()))
    }

    fn take(&mut self, namespace: &str, parent: &str, child: Cidr, spelt: String) -> String {
        let record = self
            .record(namespace, parent)
            .expect("it was looked up before");
        record.children.insert(spelt, false);
        record.is_parent = true;
        let parent = record.cidr.to_string();
        self.insert(namespace, Record::new(child, parent));
        child.to_string()
    }

    pub(crate) fn acquire_specific_child(
        &mut self,
        namespace: &str,
        parent: &str,
        text: &str,
    ) -> Result<String, Class> {
        let record = self.record(namespace, parent)?;
        let child = masked(text).ok_or("InvalidCidr")?;
        if child.prefix_len() <= record.cidr.prefix_len() {
            return Err("LengthNotGreater");
        }
        if record.has_addresses() {
            return Err("PrefixHasIPs");
        }
        if !record.free().iter().any(|block| block.contains_cidr(child)) {
            return Err("SpecificPrefixNotAvailable");
        }
        // The parent books the spelling of the request, host bits included.
        let host = text.split_once('/').map_or(text, |(host, _)| host);
        let host: IpAddr = host.parse().expect("it was parsed before");
        let spelt = format!("{host}/{}", child.prefix_len());
        Ok(self.take(namespace, parent, child, spelt))
    }

    pub(crate) fn release_child(&mut self, namespace: &str, text: &str) -> Result<String, Class> {
        let record = self.record(namespace, text)?;
        let (child, parent) = (record.cidr.to_string(), record.parent.clone());
        let held = record.held.len();
        let above = self.record(namespace, &parent)?;
        // The guard looks at the number of entries alone, whatever the family.
        if held > 2 {
            return Err("PrefixHasIPs");
        }
        above.children.insert(child.clone(), true);
        self.delete_prefix(namespace, &child)
    }

    pub(crate) fn acquire_ip(&mut self, namespace: &str, text: &str) -> Result<String, Class> {
        let record = self.record(namespace, text)?;
        if record.is_parent {
            return Err("PrefixHasChildren");
        }
        let mut offset = 0;
        while let Some(address) = record.cidr.nth(offset) {
            let spelt = address.to_string();
            if !record.held.contains(&spelt) {
                record.held.insert(spelt.clone());
                return Ok(spelt);
            }
            let Some(next) = offset.checked_add(1) else {
                break;
            };
            offset = next;
        }
        Err("NoIPAvailable")
    }

    pub(crate) fn acquire_specific_ip(
        &mut self,
        namespace: &str,
        text: &str,
        address: &str,
    ) -> Result<String, Class> {
        if address.is_empty() {
            return self.acquire_ip(namespace, text);
        }
        let record = self.record(namespace, text)?;
        if record.is_parent {
            return Err("PrefixHasChildren");
        }
        let address = match engine::address(address) {
            Ok(address) if record.cidr.contains(address) => address.to_string(),
            Err(engine::EngineError::InvalidAddress { .. }) => return Err("InvalidAddress"),
            _ => return Err("AddressOutOfPrefix"),
        };
        if !record.held.insert(address.clone()) {
            return Err("AlreadyAllocated");
        }
        Ok(address)
    }

    pub(crate) fn release_ip(
        &mut self,
        namespace: &str,
        text: &str,
        address: &str,
    ) -> Result<String, Class> {
        let record = self.record(namespace, text)?;
        if record.held.remove(address) {
            Ok(address.to_owned())
        } else {
            Err("NotFound")
        }
    }

    pub(crate) fn usage(&mut self, namespace: &str, text: &str) -> Result<Usage, Class> {
        const CAP: u64 = i32::MAX as u64;
        let record = self.record(namespace, text)?;
        let bits = record.cidr.family().bits();
        let host_bits = u32::from(bits - record.cidr.prefix_len());
        let unit = bits - 2;
        let available_prefixes: Vec<Cidr> = record
            .free()
            .into_iter()
            .filter(|block| block.prefix_len() <= unit)
            .collect();
        let smallest = available_prefixes.iter().fold(0_u64, |sum, block| {
            let shift = u32::from(unit - block.prefix_len());
            sum.wrapping_add(1_u64.checked_shl(shift).unwrap_or(0))
        });
        Ok(Usage {
            available_ips: if host_bits > 31 { CAP } else { 1 << host_bits },
            acquired_ips: record.held.len() as u64,
            available_smallest_prefixes: smallest.min(CAP),
            available_prefixes,
            acquired_prefixes: record.children.values().filter(|gone| !**gone).count() as u64,
        })
    }

    /// The namespace is ignored, as upstream does.
    pub(crate) fn list_cidrs(&self) -> Vec<String> {
        let records = self.0.get("root").into_iter().flatten();
        records.map(|(text, _)| text.clone()).collect()
    }

    pub(crate) fn create_namespace(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default();
    }

    pub(crate) fn delete_namespace(&mut self, name: &str) -> Result<(), Class> {
        if !self.namespace(name)?.is_empty() {
            return Err("NamespaceNotEmpty");
        }
        self.0.remove(name);
        Ok(())
    }

    pub(crate) fn namespaces(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}
