//! Operations on the plain reimplementation of go-ipam.

use serde_json::{Value, json};

use super::{Outcome, Refusal, Subject};
use crate::reference::go_ipam::{GoIpam, Usage};

#[derive(Default)]
pub(super) struct Reference(GoIpam);

impl Subject for Reference {
    fn apply(&mut self, operation: &Value) -> Outcome {
        let text = |key: &str| operation[key].as_str().unwrap_or_default();
        let namespace = operation["ns"].as_str().unwrap_or("root");
        let ipam = &mut self.0;
        let done = match text("do") {
            "new_prefix" => ipam.new_prefix(namespace, text("cidr")).map(Value::from),
            "delete_prefix" => ipam.delete_prefix(namespace, text("cidr")).map(Value::from),
            "get_prefix" => ipam
                .get_prefix(namespace, text("cidr"))
                .map(|(cidr, parent)| json!({"cidr": cidr, "parent": parent})),
            "acquire_child" => {
                let length = operation["length"].as_u64().unwrap_or_default();
                let length = u8::try_from(length).unwrap_or(u8::MAX);
                ipam.acquire_child(namespace, text("parent"), length)
                    .map(Value::from)
            }
            "acquire_specific_child" => ipam
                .acquire_specific_child(namespace, text("parent"), text("child"))
                .map(Value::from),
            "release_child" => ipam.release_child(namespace, text("cidr")).map(Value::from),
            "acquire_ip" => ipam.acquire_ip(namespace, text("prefix")).map(Value::from),
            "acquire_specific_ip" => ipam
                .acquire_specific_ip(namespace, text("prefix"), text("ip"))
                .map(Value::from),
            "release_ip" => ipam
                .release_ip(namespace, text("prefix"), text("ip"))
                .map(Value::from),
            "usage" => ipam
                .usage(namespace, text("cidr"))
                .map(|usage| figures(&usage)),
            "usage_counts" => ipam.usage(namespace, text("cidr")).map(|usage| {
                json!({
                    "available_smallest_prefixes": usage.available_smallest_prefixes,
                    "acquired_prefixes": usage.acquired_prefixes,
                    "free_blocks": usage.available_prefixes.len(),
                })
            }),
            "list_cidrs" => {
                let mut all = ipam.list_cidrs();
                all.sort();
                Ok(json!(all))
            }
            "create_ns" => {
                ipam.create_namespace(text("ns"));
                Ok(json!(text("ns")))
            }
            "delete_ns" => ipam
                .delete_namespace(text("ns"))
                .map(|()| json!(text("ns"))),
            "list_ns" => Ok(json!(ipam.namespaces())),
            _ => Err("unknown operation"),
        };
        done.map_err(|class| Refusal::named(&[class]))
    }
}

fn figures(usage: &Usage) -> Value {
    json!({
        "acquired_ips": usage.acquired_ips,
        "acquired_prefixes": usage.acquired_prefixes,
        "available_ips": usage.available_ips,
        "available_prefixes": usage.available_prefixes,
        "available_smallest_prefixes": usage.available_smallest_prefixes,
    })
}
