//! The whole snapshot.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::{Value, json};

use super::{Docker, Machine, Plan};

/// Which machine a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Where the command runs.
    Host,
    /// Where the engine runs: a virtual machine on macOS, the same machine on most Linux hosts.
    Engine,
    /// Both, compared with each other.
    Both,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Engine => "engine",
            Self::Both => "both",
        })
    }
}

/// The machine that the engine runs on.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EngineMachine {
    /// The one where the command runs.
    #[default]
    SameAsHost,
    /// Another one, and nothing of it can be read.
    NoShell,
    /// Another one.
    Own(Box<Machine>),
}

const SAME: &str = "same_as_host";
const SHELL: &str = "shell";

impl Serialize for EngineMachine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::SameAsHost => json!({ SAME: true }).serialize(serializer),
            Self::NoShell => json!({ SAME: false, SHELL: false }).serialize(serializer),
            Self::Own(machine) => {
                let mut value = serde_json::to_value(machine).map_err(S::Error::custom)?;
                value[SAME] = json!(false);
                value[SHELL] = json!(true);
                value.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for EngineMachine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let flag = |key: &str| value.get(key).and_then(Value::as_bool);
        if flag(SHELL) == Some(false) {
            return Ok(Self::NoShell);
        }
        if flag(SAME).unwrap_or(true) {
            return Ok(Self::SameAsHost);
        }
        serde_json::from_value(value)
            .map(Self::Own)
            .map_err(D::Error::custom)
    }
}

/// Where a snapshot comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// Version of the form of this document.
    pub schema: String,
    /// garden6's version.
    pub garden6: String,
    /// When it was taken, RFC 3339 in UTC.
    pub time: String,
    /// What was replaced before it was written, in words.
    pub redacted: Vec<String>,
}

impl Meta {
    /// The form that this version writes.
    pub const SCHEMA: &'static str = "garden6.facts/1";
}

/// Everything that checks read about a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Where the snapshot comes from; nothing for one that was written by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Where the command runs.
    pub host: Machine,
    /// Where the engine runs.
    pub engine: EngineMachine,
    /// The engine.
    pub docker: Docker,
    /// What is to be created.
    pub plan: Plan,
}

impl Facts {
    /// The machine of a scope; none where there is no shell into it.
    ///
    /// [`Scope::Both`] is the machine where the command runs.
    pub fn machine(&self, scope: Scope) -> Option<&Machine> {
        match (scope, &self.engine) {
            (Scope::Host | Scope::Both, _) | (Scope::Engine, EngineMachine::SameAsHost) => {
                Some(&self.host)
            }
            (Scope::Engine, EngineMachine::Own(machine)) => Some(machine),
            (Scope::Engine, EngineMachine::NoShell) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Fact;

    #[test]
    fn what_is_missing_stays_distinct_in_yaml_and_json() {
        let text = "
host:
  files: {/etc/hosts: x, /etc/gai.conf: null, /proc/net/ip6_tables_names: {err: EACCES}, /a: {err: UNAVAILABLE, reason: took too long}}
  sysctl: {net.ipv4.ip_forward: 1}
  view: {uplink6: null, nofile: [1024, 18446744073709551615]}
engine: {same_as_host: false, shell: true, sysctl: {net.ipv4.ip_forward: null}}
docker: {ping: ok, info: {NCPU: 4, MemTotalGiB: 1.5}, daemon_json: {ipv6: true}}
";
        let facts: Facts = serde_yaml::from_str(text).unwrap();
        assert_eq!(facts.host.files["/etc/gai.conf"], Fact::Absent);
        assert_eq!(facts.host.files["/proc/net/ip6_tables_names"], Fact::Denied);
        assert_eq!(facts.host.view.uplink6, Fact::Absent);
        assert_eq!(facts.host.view.uplink4, Fact::NotRecorded);
        let engine = facts.machine(Scope::Engine).unwrap();
        assert_eq!(engine.sysctl["net.ipv4.ip_forward"], Fact::Absent);
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&json).unwrap(), facts);
        let yaml = serde_yaml::to_string(&facts).unwrap();
        assert_eq!(serde_yaml::from_str::<Facts>(&yaml).unwrap(), facts);
    }

    #[test]
    fn without_a_shell_nothing_of_the_engines_machine_is_known() {
        let facts: Facts =
            serde_yaml::from_str("engine: {same_as_host: false, shell: false}").unwrap();
        assert!(facts.machine(Scope::Engine).is_none());
        let written = serde_yaml::to_string(&facts).unwrap();
        assert_eq!(serde_yaml::from_str::<Facts>(&written).unwrap(), facts);
    }
}
