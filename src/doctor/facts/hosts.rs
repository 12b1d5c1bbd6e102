//! Documents with several hosts, each of which may start from another one.

use serde_json::{Map, Value};
use thiserror::Error;

use super::Facts;

/// Why a document gives no facts.
#[derive(Debug, Error)]
pub enum HostsError {
    /// It is neither YAML nor JSON, or a value has the wrong form.
    #[error("{what} cannot be read: {problem}")]
    Form {
        /// Which part of the document.
        what: String,
        /// What is wrong, with its place where that is known.
        problem: String,
    },
    /// A host starts from one that does not exist.
    #[error("host `{host}` extends `{base}`, which is neither a base nor a host of the document")]
    NoBase {
        /// The host.
        host: String,
        /// What it wants to start from.
        base: String,
    },
    /// Hosts start from each other in a circle.
    #[error("host `{host}` extends itself")]
    Circle {
        /// A host of the circle.
        host: String,
    },
    /// The document has no host of that name.
    #[error("there is no host `{host}`, there are {}", known.join(", "))]
    NoHost {
        /// What was asked for.
        host: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The document has several hosts and none was named.
    #[error("the document has {} hosts; name one of {}", known.len(), known.join(", "))]
    Several {
        /// What there is.
        known: Vec<String>,
    },
}

/// A host of such a document, with everything that it inherits.
#[derive(Clone, Debug)]
pub struct RecordedHost {
    /// Its id.
    pub id: String,
    /// The whole entry: `title`, `targets`, `expect` and the facts.
    pub entry: Value,
}

impl RecordedHost {
    /// The facts of the host.
    pub fn facts(&self) -> Result<Facts, HostsError> {
        facts(&format!("host `{}`", self.id), &self.entry)
    }
}

fn facts(what: &str, value: &Value) -> Result<Facts, HostsError> {
    serde_json::from_value(value.clone()).map_err(|error| HostsError::Form {
        what: what.to_owned(),
        problem: error.to_string(),
    })
}

/// Reads a snapshot, or one host of a document with several (`bases` and `hosts`).
pub fn read(text: &str, host: Option<&str>) -> Result<Facts, HostsError> {
    let document: Value = serde_yaml::from_str(text).map_err(|error| HostsError::Form {
        what: "the snapshot".to_owned(),
        problem: error.to_string(),
    })?;
    if document.get("hosts").is_none() {
        return facts("the snapshot", &document);
    }
    let mut hosts = all(&document)?;
    let known = || hosts.iter().map(|host| host.id.clone()).collect();
    match host {
        Some(wanted) => hosts
            .iter()
            .find(|host| host.id == wanted)
            .ok_or_else(|| HostsError::NoHost {
                host: wanted.to_owned(),
                known: known(),
            })?
            .facts(),
        None if hosts.len() == 1 => hosts.remove(0).facts(),
        None => Err(HostsError::Several { known: known() }),
    }
}

/// All hosts of a document, in its order.
pub fn all(document: &Value) -> Result<Vec<RecordedHost>, HostsError> {
    document["hosts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            let id = entry["id"].as_str().unwrap_or_default().to_owned();
            let entry = complete(document, &id, entry, &mut vec![id.clone()])?;
            Ok(RecordedHost { id, entry })
        })
        .collect()
}

/// An entry on top of what it extends.
fn complete(
    document: &Value,
    host: &str,
    entry: &Value,
    seen: &mut Vec<String>,
) -> Result<Value, HostsError> {
    let Some(base) = entry["extends"].as_str() else {
        return Ok(entry.clone());
    };
    if seen.iter().any(|name| name == base) {
        return Err(HostsError::Circle {
            host: host.to_owned(),
        });
    }
    seen.push(base.to_owned());
    let hosts = || document["hosts"].as_array().into_iter().flatten();
    let found = document["bases"]
        .get(base)
        .or_else(|| hosts().find(|other| other["id"] == base))
        .ok_or_else(|| HostsError::NoBase {
            host: host.to_owned(),
            base: base.to_owned(),
        })?;
    let mut whole = complete(document, host, found, seen)?;
    merge(&mut whole, entry, Merge::Keys);
    Ok(whole)
}

#[derive(Clone, Copy, PartialEq)]
enum Merge {
    /// Maps merge key by key.
    Keys,
    /// Values are replaced whole.
    Whole,
}

/// Puts `change` on top of `value`. Maps merge key by key; lists and single values are replaced,
/// and so are the map `Components` and everything directly under `view`.
fn merge(value: &mut Value, change: &Value, how: Merge) {
    let (Value::Object(into), Value::Object(from)) = (&mut *value, change) else {
        change.clone_into(value);
        return;
    };
    for (key, change) in from {
        merge_key(into, key, change, how);
    }
}

fn merge_key(into: &mut Map<String, Value>, key: &str, change: &Value, how: Merge) {
    match into.get_mut(key) {
        Some(old) if how == Merge::Keys && key != "Components" => {
            let inner = if key == "view" {
                Merge::Whole
            } else {
                Merge::Keys
            };
            merge(old, change, inner);
        }
        _ => drop(into.insert(key.to_owned(), change.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Fact, Scope};

    const DOCUMENT: &str = "
bases:
  linux:
    host:
      files: {/etc/hosts: a, /etc/gai.conf: b}
      view: {addrs6: {lo: ['::1/128'], eth0: ['fe80::1/64']}, uplink6: eth0}
    docker: {version: {Version: 28.5.2, Components: {Engine: 28.5.2}}}
  wsl: {extends: linux, host: {files: {/etc/gai.conf: null}}}
hosts:
  - id: one
    extends: wsl
    host: {view: {addrs6: {lo: []}}}
    docker: {version: {Components: {Podman Engine: 5.0.0}}}
  - {id: two, extends: one, engine: {shell: false}}
";

    #[test]
    fn maps_merge_but_views_and_components_are_replaced() {
        let facts = read(DOCUMENT, Some("one")).unwrap();
        assert_eq!(facts.host.files["/etc/gai.conf"], Fact::Absent);
        assert_eq!(facts.host.files["/etc/hosts"], Fact::Known("a".to_owned()));
        let addresses = facts.host.view.addrs6.known().unwrap();
        assert_eq!(addresses.keys().collect::<Vec<_>>(), ["lo"]);
        assert_eq!(facts.host.view.uplink6, Fact::Known("eth0".to_owned()));
        let version = facts.docker.version.known().unwrap();
        assert_eq!(version.version, "28.5.2");
        assert_eq!(
            version.components.keys().collect::<Vec<_>>(),
            ["Podman Engine"]
        );
    }

    #[test]
    fn a_host_may_start_from_another_one() {
        let facts = read(DOCUMENT, Some("two")).unwrap();
        assert!(facts.machine(Scope::Engine).is_none());
        assert!(facts.host.files.contains_key("/etc/hosts"));
    }

    #[test]
    fn what_cannot_be_resolved_is_refused() {
        let refused = |text: &str, host| read(text, host).unwrap_err().to_string();
        assert_eq!(
            refused(DOCUMENT, Some("three")),
            "there is no host `three`, there are one, two"
        );
        assert_eq!(
            refused(DOCUMENT, None),
            "the document has 2 hosts; name one of one, two"
        );
        let circle = "hosts: [{id: a, extends: b}, {id: b, extends: a}]";
        assert_eq!(refused(circle, Some("a")), "host `a` extends itself");
        let orphan = "hosts: [{id: a, extends: z}]";
        assert!(refused(orphan, None).contains("extends `z`"));
        assert!(refused("host: {view: {mtu: 7}}", None).starts_with("the snapshot cannot be read"));
        assert!(refused("[", None).starts_with("the snapshot cannot be read"));
    }
}
