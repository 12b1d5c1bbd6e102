//! Operations on the engine.

use garden6::{
    ipam::engine::{self, Engine, EngineError, Reserve},
    net::Cidr,
};
use serde_json::{Value, json};

use super::{Outcome, Refusal, Subject};

#[derive(Default)]
pub(super) struct Product(Engine);

impl Subject for Product {
    fn apply(&mut self, operation: &Value) -> Outcome {
        let kind = operation["do"].as_str().unwrap_or_default();
        self.carry_out(kind, operation)
            .map_err(|error| Refusal::named(&classes(kind, &error)))
    }
}

impl Product {
    fn carry_out(&mut self, kind: &str, operation: &Value) -> Result<Value, EngineError> {
        let text = |key: &str| operation[key].as_str().unwrap_or_default();
        let ns = operation["ns"]
            .as_str()
            .unwrap_or(engine::DEFAULT_NAMESPACE);
        let ipam = &mut self.0;
        Ok(match kind {
            "new_prefix" => {
                let cidr = engine::prefix(text("cidr"))?;
                ipam.create_prefix(ns, cidr, Reserve::Ends)?;
                json!(cidr)
            }
            "delete_prefix" => {
                let cidr = engine::prefix(text("cidr"))?;
                ipam.delete_prefix(ns, cidr)?;
                json!(cidr)
            }
            "get_prefix" => {
                let view = ipam.prefix(ns, engine::prefix(text("cidr"))?)?;
                let parent = view.parent.map(String::from).unwrap_or_default();
                json!({"cidr": view.cidr, "parent": parent})
            }
            "acquire_child" => {
                let length = operation["length"].as_u64().unwrap_or_default();
                let length = u8::try_from(length).unwrap_or(u8::MAX);
                json!(ipam.acquire_child(ns, engine::prefix(text("parent"))?, length)?)
            }
            "acquire_specific_child" => {
                let child = engine::prefix(text("child"))?;
                ipam.acquire_specific_child(ns, engine::prefix(text("parent"))?, child)?;
                json!(child)
            }
            "release_child" => {
                let child = engine::prefix(text("cidr"))?;
                ipam.release_child(ns, child)?;
                json!(child)
            }
            "acquire_ip" => json!(ipam.acquire_address(ns, engine::prefix(text("prefix"))?)?),
            "acquire_specific_ip" if text("ip").is_empty() => {
                json!(ipam.acquire_address(ns, engine::prefix(text("prefix"))?)?)
            }
            "acquire_specific_ip" => {
                let prefix = engine::prefix(text("prefix"))?;
                ipam.prefix(ns, prefix)?;
                let address = engine::address(text("ip"));
                if let Err(error @ EngineError::HasChildren { .. }) = ipam.next_address(ns, prefix)
                {
                    return Err(error);
                }
                ipam.acquire_specific_address(ns, prefix, address.clone()?)?;
                json!(address?)
            }
            "release_ip" => {
                let address = engine::address(text("ip"))?;
                ipam.release_address(ns, engine::prefix(text("prefix"))?, address)?;
                json!(address)
            }
            "usage" => figures(ipam, ns, engine::prefix(text("cidr"))?)?,
            "usage_counts" => {
                let figures = figures(ipam, ns, engine::prefix(text("cidr"))?)?;
                json!({
                    "available_smallest_prefixes": figures["available_smallest_prefixes"],
                    "acquired_prefixes": figures["acquired_prefixes"],
                    "free_blocks": figures["available_prefixes"].as_array().map(Vec::len),
                })
            }
            "list_cidrs" => {
                let all = ipam.prefixes(ns)?;
                let mut all: Vec<String> = all.iter().map(|view| view.cidr.to_string()).collect();
                all.sort();
                json!(all)
            }
            "create_ns" => {
                ipam.create_namespace(ns);
                json!(ns)
            }
            "delete_ns" => {
                ipam.delete_namespace(ns)?;
                json!(ns)
            }
            "list_ns" => json!(ipam.namespaces().collect::<Vec<_>>()),
            _ => return Ok(json!({"unknown operation": kind})),
        })
    }
}

fn figures(ipam: &Engine, ns: &str, cidr: Cidr) -> Result<Value, EngineError> {
    let usage = ipam.usage(ns, cidr)?;
    Ok(json!({
        "acquired_ips": usage.acquired_ips(),
        "acquired_prefixes": usage.children,
        "available_ips": usage.available_ips(),
        "available_prefixes": ipam.available_prefixes(ns, cidr)?,
        "available_smallest_prefixes": usage.available_smallest_prefixes(),
    }))
}

/// The names of an error in the vectors. Where the reference looks something up by a text that is
/// no prefix or no address, it says that there is nothing of that name.
fn classes(kind: &str, error: &EngineError) -> Vec<&'static str> {
    let looks_up = !matches!(kind, "new_prefix" | "delete_prefix");
    match error {
        EngineError::InvalidPrefix(_) if looks_up => vec!["InvalidCidr", "NotFound"],
        EngineError::InvalidPrefix(_) => vec!["InvalidCidr"],
        EngineError::InvalidAddress { .. } if kind == "release_ip" => {
            vec!["InvalidAddress", "NotFound"]
        }
        EngineError::InvalidAddress { .. } => vec!["InvalidAddress"],
        EngineError::Zoned { .. } if kind == "release_ip" => vec!["AddressOutOfPrefix", "NotFound"],
        EngineError::Zoned { .. } | EngineError::OutOfPrefix { .. } => vec!["AddressOutOfPrefix"],
        EngineError::NamespaceMissing { .. } => vec!["NamespaceDoesNotExist"],
        EngineError::NamespaceNotEmpty { .. } => vec!["NamespaceNotEmpty"],
        EngineError::NotFound { .. } | EngineError::NotHeld { .. } => vec!["NotFound"],
        EngineError::AlreadyExists { .. } => vec!["AlreadyExists"],
        EngineError::Overlap { .. } => vec!["Overlap"],
        EngineError::NotAChild { .. } => vec!["NotAChild", "NotFound"],
        EngineError::HasAddresses { .. } => vec!["PrefixHasIPs"],
        EngineError::HasChildren { .. } => vec!["PrefixHasChildren"],
        EngineError::LengthNotLonger { .. } => vec!["LengthNotGreater"],
        // Upstream finds a place for it and then fails to write the result down.
        EngineError::LengthImpossible { .. } => vec!["InvalidChild", "InvalidCidr"],
        EngineError::Exhausted { .. } => vec!["NoPrefixAvailable"],
        EngineError::Unavailable { .. } => vec!["SpecificPrefixNotAvailable"],
        EngineError::NoAddressLeft { .. } => vec!["NoIPAvailable"],
        EngineError::Held { .. } => vec!["AlreadyAllocated"],
        EngineError::Reserved { .. } => vec!["Reserved"],
    }
}
