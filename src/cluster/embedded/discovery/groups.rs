//! Unaggregated discovery: groups, versions and resources.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::order;
use crate::cluster::embedded::kinds::{Kind, Subresources};

/// A subresource as discovery shows it.
pub(super) struct Subresource<'a> {
    pub(super) name: &'a str,
    pub(super) group: &'a str,
    pub(super) version: &'a str,
    pub(super) kind: &'a str,
    pub(super) verbs: &'a [&'static str],
}

/// The groups in order, each with its versions in order.
pub(super) fn sorted(kinds: &[Arc<Kind>]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in kinds {
        let index = groups
            .iter()
            .position(|(name, _)| *name == kind.group)
            .unwrap_or_else(|| {
                groups.push((&kind.group, Vec::new()));
                groups.len() - 1
            });
        if let Some((_, versions)) = groups.get_mut(index)
            && !versions.contains(&kind.version.as_str())
        {
            versions.push(&kind.version);
        }
    }
    groups.sort_by_key(|(name, _)| order::group(name));
    for (_, versions) in &mut groups {
        versions.sort_by(|left, right| order::versions(left, right));
    }
    groups
}

/// `/`: the paths there are.
pub(crate) fn paths(kinds: &[Arc<Kind>]) -> Value {
    let mut paths: Vec<String> = ["/api", "/api/v1", "/apis"].map(str::to_owned).to_vec();
    for (name, versions) in sorted(kinds) {
        if !name.is_empty() {
            paths.push(format!("/apis/{name}"));
            paths.extend(
                versions
                    .iter()
                    .map(|version| format!("/apis/{name}/{version}")),
            );
        }
    }
    let others = [
        "/healthz",
        "/livez",
        "/metrics",
        "/openapi/v3",
        "/readyz",
        "/version",
    ];
    paths.extend(others.map(str::to_owned));
    json!({"paths": paths})
}

/// `APIGroupList`; the core group is not in it.
pub(crate) fn list(kinds: &[Arc<Kind>]) -> Value {
    let groups: Vec<Value> = sorted(kinds)
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, versions)| Value::Object(group_fields(name, &versions)))
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `APIGroup`.
pub(crate) fn group(kinds: &[Arc<Kind>], name: &str) -> Option<Value> {
    let (_, versions) = sorted(kinds)
        .into_iter()
        .find(|(known, _)| *known == name)?;
    let mut group = Map::new();
    group.insert("kind".to_owned(), "APIGroup".into());
    group.insert("apiVersion".to_owned(), "v1".into());
    group.extend(group_fields(name, &versions));
    Some(Value::Object(group))
}

fn group_fields(name: &str, versions: &[&str]) -> Map<String, Value> {
    let entry =
        |version: &str| json!({"groupVersion": format!("{name}/{version}"), "version": version});
    let mut fields = Map::new();
    fields.insert("name".to_owned(), name.into());
    fields.insert(
        "versions".to_owned(),
        versions.iter().map(|version| entry(version)).collect(),
    );
    if let Some(preferred) = versions.first() {
        fields.insert("preferredVersion".to_owned(), entry(preferred));
    }
    fields
}

/// `APIResourceList` of one group and version.
pub(crate) fn resources(kinds: &[Arc<Kind>], group: &str, version: &str) -> Option<Value> {
    let mut resources = Vec::new();
    let mut group_version = None;
    for kind in kinds
        .iter()
        .filter(|kind| kind.group == group && kind.version == version)
    {
        group_version = Some(kind.api_version());
        resources.push(main_resource(kind));
        for subresource in subresources(kind) {
            resources.push(subresource_entry(kind, &subresource));
        }
    }
    Some(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version?,
        "resources": resources,
    }))
}

fn main_resource(kind: &Kind) -> Value {
    let mut resource = Map::new();
    resource.insert("name".to_owned(), kind.plural.as_str().into());
    resource.insert("singularName".to_owned(), kind.singular.as_str().into());
    resource.insert("namespaced".to_owned(), kind.is_namespaced().into());
    resource.insert("kind".to_owned(), kind.kind.as_str().into());
    resource.insert("verbs".to_owned(), json!(kind.verbs));
    if !kind.short_names.is_empty() {
        resource.insert("shortNames".to_owned(), json!(kind.short_names));
    }
    if !kind.categories.is_empty() {
        resource.insert("categories".to_owned(), json!(kind.categories));
    }
    if kind.verbs.contains(&"list") {
        resource.insert(
            "storageVersionHash".to_owned(),
            storage_version_hash(kind).into(),
        );
    }
    Value::Object(resource)
}

fn subresource_entry(kind: &Kind, subresource: &Subresource<'_>) -> Value {
    let mut resource = Map::new();
    resource.insert(
        "name".to_owned(),
        format!("{}/{}", kind.plural, subresource.name).into(),
    );
    resource.insert("singularName".to_owned(), "".into());
    resource.insert("namespaced".to_owned(), kind.is_namespaced().into());
    if (subresource.group, subresource.version) != (kind.group.as_str(), kind.version.as_str()) {
        resource.insert("group".to_owned(), subresource.group.into());
        resource.insert("version".to_owned(), subresource.version.into());
    }
    resource.insert("kind".to_owned(), subresource.kind.into());
    resource.insert("verbs".to_owned(), json!(subresource.verbs));
    Value::Object(resource)
}

/// The subresources of a kind in the order discovery lists them.
pub(super) fn subresources(kind: &Kind) -> Vec<Subresource<'_>> {
    const READ_WRITE: &[&str] = &["get", "patch", "update"];
    let Subresources {
        status,
        scale,
        extra,
    } = &kind.subresources;
    let mut found = Vec::new();
    for extra in extra {
        let (group, version, name) = extra.group_version_kind;
        let own = group.is_empty() && version.is_empty();
        found.push(Subresource {
            name: extra.name,
            group: if own { &kind.group } else { group },
            version: if own { &kind.version } else { version },
            kind: name,
            verbs: extra.verbs,
        });
    }
    if *status {
        found.push(Subresource {
            name: "status",
            group: &kind.group,
            version: &kind.version,
            kind: &kind.kind,
            verbs: READ_WRITE,
        });
    }
    if scale.is_some() {
        found.push(Subresource {
            name: "scale",
            group: "autoscaling",
            version: "v1",
            kind: "Scale",
            verbs: READ_WRITE,
        });
    }
    found
}

fn storage_version_hash(kind: &Kind) -> String {
    let text = format!("{}/{}/{}", kind.group, kind.storage_version, kind.kind);
    BASE64.encode(Sha256::digest(text).get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{built_in, custom};
    use super::*;

    #[test]
    fn subresources_are_listed_with_the_group_of_their_kind() {
        let list = resources(&[custom()], "garden.test", "v1").unwrap();
        let names: Vec<&str> = list["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["shoots", "shoots/status", "shoots/scale"]);
        assert_eq!(list["resources"][1].get("group"), None);
        assert_eq!(list["resources"][2]["group"], "autoscaling");
        assert_eq!(list["groupVersion"], "garden.test/v1");
    }

    #[test]
    fn the_core_group_is_not_among_the_named_ones() {
        let kinds = [
            built_in("", "Pod", "pods"),
            custom(),
            built_in("apps", "Deployment", "deployments"),
        ];
        let list = list(&kinds);
        let names: Vec<&Value> = list["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| &group["name"])
            .collect();
        assert_eq!(names, ["apps", "garden.test"]);
        assert_eq!(group(&kinds, "nothing"), None);
    }
}
