//! Operations on networks.

use std::collections::BTreeMap;

use garden6::ipam::{
    network::{
        self, AddressRequest, AllocateRequest, CreateRequest, Known, Network, NetworkError,
        UpdateRequest,
    },
    state::{State, Transaction},
};
use serde_json::{Value, json};

use super::{Outcome, Refusal, Subject};

/// The service of the vectors: one partition and two projects.
pub(super) struct Metal {
    state: State,
    known: Known,
}

impl Default for Metal {
    fn default() -> Self {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        Self {
            state: State::default(),
            known: Known {
                partitions: names(&["p1"]),
                projects: names(&["a", "b"]),
            },
        }
    }
}

impl Subject for Metal {
    fn apply(&mut self, operation: &Value) -> Outcome {
        let known = self.known.clone();
        let carry_out = |steps: &mut Transaction<'_>| carry_out(steps, &known, operation);
        let done = self.state.transact(carry_out);
        let (answer, _) = done.map_err(|error| Refusal {
            names: vec![error.status().to_string()],
            text: error.to_string(),
        })?;
        Ok(match answer {
            Answer::Network(network) => self.shown(&network),
            Answer::All => json!(
                self.state
                    .networks()
                    .values()
                    .map(|network| self.shown(network))
                    .collect::<Vec<_>>()
            ),
            Answer::Value(value) => value,
        })
    }
}

impl Metal {
    fn shown(&self, network: &Network) -> Value {
        let mut prefixes: Vec<String> = network.prefixes.iter().map(ToString::to_string).collect();
        prefixes.sort();
        json!({
            "id": network.id,
            "prefixes": prefixes,
            "consumption": network::consumption(&self.state, network),
        })
    }
}

enum Answer {
    Network(Box<Network>),
    All,
    Value(Value),
}

fn carry_out(
    steps: &mut Transaction<'_>,
    known: &Known,
    operation: &Value,
) -> Result<Answer, NetworkError> {
    let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
    let optional = |key: &str| operation[key].as_str().map(str::to_owned);
    let flag = |key: &str| operation[key] == true;
    let list = |key: &str| optional_list(&operation[key]).unwrap_or_default();
    let network = |network: Network| Ok(Answer::Network(Box::new(network)));
    match text("do").as_str() {
        "net_create" => network(network::create(
            steps,
            known,
            &CreateRequest {
                id: text("id"),
                partition_id: text("partition"),
                project_id: text("project"),
                prefixes: list("prefixes"),
                destination_prefixes: list("destinationprefixes"),
                default_child_prefix_length: lengths(&operation["defaultchildprefixlength"]),
                additional_announcable_cidrs: list("additionalannouncablecidrs"),
                private_super: flag("privatesuper"),
                underlay: flag("underlay"),
                nat: flag("nat"),
                shared: flag("shared"),
                vrf: operation["vrf"]
                    .as_u64()
                    .map(|vrf| vrf.try_into().expect("small")),
                vrf_shared: flag("vrfshared"),
                ..CreateRequest::default()
            },
        )?),
        "net_allocate" => network(network::allocate(
            steps,
            known,
            &AllocateRequest {
                id: text("id"),
                partition_id: text("partition"),
                project_id: text("project"),
                address_family: optional("addressfamily"),
                length: lengths(&operation["length"]).unwrap_or_default(),
                destination_prefixes: list("destinationprefixes"),
                shared: flag("shared"),
                ..AllocateRequest::default()
            },
        )?),
        "net_update" => network(network::update(
            steps,
            &text("id"),
            &UpdateRequest {
                name: optional("name"),
                prefixes: optional_list(&operation["prefixes"]),
                destination_prefixes: optional_list(&operation["destinationprefixes"]),
                default_child_prefix_length: lengths(&operation["defaultchildprefixlength"]),
                additional_announcable_cidrs: optional_list(
                    &operation["additionalannouncablecidrs"],
                ),
                shared: operation["shared"].as_bool(),
                force: flag("force"),
                ..UpdateRequest::default()
            },
        )?),
        "net_get" => {
            let id = text("id");
            let found = steps.state().networks().get(&id).cloned();
            network(found.ok_or(NetworkError::NetworkUnknown { id })?)
        }
        "net_list" => Ok(Answer::All),
        "net_free" => Ok(Answer::Value(json!(network::free(steps, &text("id"))?.id))),
        "net_delete" => Ok(Answer::Value(json!(
            network::delete(steps, &text("id"))?.id
        ))),
        "ip_allocate" => {
            let request = AddressRequest {
                network_id: text("network"),
                project_id: text("project"),
                address: optional("ip"),
                address_family: optional("addressfamily"),
                ..AddressRequest::default()
            };
            let allocation = network::allocate_address(steps, known, &request)?;
            Ok(Answer::Value(
                json!({"ip": allocation.address, "prefix": allocation.prefix}),
            ))
        }
        "ip_free" => {
            let allocation = network::free_address(steps, &text("ip"))?;
            Ok(Answer::Value(json!(allocation.address)))
        }
        other => Ok(Answer::Value(json!({"unknown operation": other}))),
    }
}

fn optional_list(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array()?.iter();
    Some(
        list.filter_map(|text| Some(text.as_str()?.to_owned()))
            .collect(),
    )
}

fn lengths(value: &Value) -> Option<BTreeMap<String, u8>> {
    let map = value.as_object()?.iter();
    Some(
        map.filter_map(|(family, length)| {
            let length = length.as_u64().and_then(|length| u8::try_from(length).ok());
            Some((family.clone(), length?))
        })
        .collect(),
    )
}
