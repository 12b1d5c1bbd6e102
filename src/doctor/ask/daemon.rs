//! The engine's configuration: its file, its arguments, and what holds when neither says anything.

use serde_json::{Map, Value};

use super::Ask;
use crate::doctor::{Scope, finding::Gap, parse::daemon};

/// Keys of the file that have another name as a flag.
const FLAGS: [(&str, &str); 12] = [
    ("default-address-pools", "default-address-pool"),
    ("default-network-opts", "default-network-opt"),
    ("default-ulimits", "default-ulimit"),
    ("exec-opts", "exec-opt"),
    ("hosts", "host"),
    ("insecure-registries", "insecure-registry"),
    ("labels", "label"),
    ("log-opts", "log-opt"),
    ("node-generic-resources", "node-generic-resource"),
    ("registry-mirrors", "registry-mirror"),
    ("runtimes", "add-runtime"),
    ("storage-opts", "storage-opt"),
];

/// The flag that sets the same as a key of the file.
pub(in crate::doctor) fn flag_of(key: &str) -> &str {
    let renamed = FLAGS.iter().find(|(name, _)| *name == key);
    renamed.map_or(key, |(_, flag)| flag)
}

impl<'a> Ask<'a> {
    /// The configuration file: none where there is none, a text where it is not JSON.
    pub(in crate::doctor) fn daemon_json(&self) -> Result<Option<&'a Value>, Gap> {
        let fact = &self.docker().daemon_json;
        self.answer(Scope::Engine, "daemon.json", fact, ToString::to_string)
    }

    /// The daemon's arguments.
    pub(in crate::doctor) fn daemon_arguments(&self) -> Result<&'a [String], Gap> {
        let fact = &self.docker().dockerd_args;
        let arguments = self.answer(Scope::Engine, "dockerd arguments", fact, |arguments| {
            arguments.join(" ")
        })?;
        Ok(arguments.map(Vec::as_slice).unwrap_or_default())
    }

    fn daemon_map(&self) -> Result<Option<&'a Map<String, Value>>, Gap> {
        Ok(self.daemon_json()?.and_then(Value::as_object))
    }

    /// A key of the configuration: from the file, else from the arguments; none where the default
    /// of the engine holds. A flag that may be given several times becomes a list.
    pub(in crate::doctor) fn daemon_key(&self, key: &str) -> Result<Option<Value>, Gap> {
        if let Some(value) = self.daemon_map()?.and_then(|map| map.get(key)) {
            return Ok(Some(value.clone()));
        }
        let values = daemon::flag(self.daemon_arguments()?, flag_of(key));
        Ok(match values.as_slice() {
            [] => None,
            ["true"] => Some(Value::Bool(true)),
            ["false"] => Some(Value::Bool(false)),
            [one] if flag_of(key) == key => Some(Value::from(*one)),
            list => Some(Value::from(list.to_vec())),
        })
    }

    /// A switch of the configuration; none where it is not set.
    pub(in crate::doctor) fn daemon_switch(&self, key: &str) -> Result<Option<bool>, Gap> {
        Ok(self.daemon_key(key)?.and_then(|value| match value {
            Value::Bool(on) => Some(on),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }))
    }

    /// Whether the engine filters packets with nftables itself.
    pub(in crate::doctor) fn uses_nftables(&self) -> Result<bool, Gap> {
        let told = self
            .info()
            .ok()
            .and_then(|info| info.firewall_backend.as_deref());
        if let Some(driver) = told {
            return Ok(driver.starts_with("nftables"));
        }
        let key = self.daemon_key("firewall-backend")?;
        Ok(key.is_some_and(|value| value == "nftables"))
    }
}
