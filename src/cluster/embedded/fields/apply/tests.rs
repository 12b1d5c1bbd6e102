//! What the vectors of the API server say about apply and update, without a server.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Extent, FieldType, Writer, update};
use super::{ApplyError, apply};
use crate::cluster::embedded::schema::Structural;
use crate::cluster::embedded::status::Status;

fn schema() -> Structural {
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "region": {"type": "string"},
            "purpose": {"type": "string"},
            "replicas": {"type": "integer", "default": 1},
            "zones": {"type": "array", "items": {"type": "string"}},
            "families": {
                "type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"},
            },
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "atomicMap": {
                "type": "object", "x-kubernetes-map-type": "atomic",
                "additionalProperties": {"type": "string"},
            },
            "workers": {
                "type": "array", "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name"], "properties": {
                    "name": {"type": "string"}, "machine": {"type": "string"},
                    "count": {"type": "integer"},
                }},
            },
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }},
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    }});
    Structural::parse(&schema, "").unwrap()
}

const MAIN: Extent<'_> = Extent::AllBut(&["status"]);

fn writer<'a>(manager: &'a str, now: &'a str) -> Writer<'a> {
    Writer {
        manager,
        api_version: "g/v1",
        subresource: "",
        now,
        extent: MAIN,
    }
}

fn object(spec: &Value) -> Value {
    json!({"apiVersion": "g/v1", "kind": "Shoot", "metadata": {"name": "a"}, "spec": spec})
}

/// A small server: every write goes through here.
struct Server {
    schema: Structural,
    live: Option<Value>,
    time: u32,
}

impl Server {
    fn new() -> Self {
        Self {
            schema: schema(),
            live: None,
            time: 0,
        }
    }

    fn types(&self) -> FieldType<'_> {
        FieldType::custom(&self.schema)
    }

    fn finish(&mut self, mut object: Value) {
        self.schema.apply_defaults(&mut object);
        object["metadata"]["uid"] = json!("u");
        self.live = Some(object);
    }

    fn tick(&mut self) -> String {
        self.time += 1;
        format!("2026-11-20T10:00:{:02}Z", self.time)
    }

    fn apply(&mut self, manager: &str, spec: &Value, force: bool) -> Result<(), ApplyError> {
        let now = self.tick();
        let object = object(spec);
        let writer = writer(manager, &now);
        let result = apply(self.live.as_ref(), &object, &writer, force, self.types())?;
        self.finish(result);
        Ok(())
    }

    fn write(&mut self, manager: &str, change: impl FnOnce(&mut Value)) {
        let now = self.tick();
        let mut new = self.live.clone().unwrap_or_else(|| object(&json!({})));
        change(&mut new);
        self.schema.apply_defaults(&mut new);
        update(
            self.live.as_ref(),
            &mut new,
            &writer(manager, &now),
            self.types(),
        );
        self.finish(new);
    }

    fn spec(&self) -> Value {
        self.live.as_ref().unwrap()["spec"].clone()
    }

    fn fields(&self, manager: &str) -> Value {
        self.entry(manager)["fieldsV1"].clone()
    }

    fn entry(&self, manager: &str) -> Value {
        let entries = &self.live.as_ref().unwrap()["metadata"]["managedFields"];
        let mut entries = entries.as_array().into_iter().flatten();
        entries
            .find(|entry| entry["manager"] == manager)
            .cloned()
            .unwrap_or_default()
    }
}

#[test]
fn an_applier_does_not_own_defaults() {
    let mut server = Server::new();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    assert_eq!(server.spec(), json!({"region": "eu", "replicas": 1}));
    assert_eq!(server.fields("m1"), json!({"f:spec": {"f:region": {}}}));
    assert_eq!(
        server.entry("m1"),
        json!({"manager": "m1", "operation": "Apply", "apiVersion": "g/v1",
            "time": "2026-11-20T10:00:01Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:region": {}}}})
    );
}

#[test]
fn a_creator_owns_defaults_and_containers() {
    let mut server = Server::new();
    server.write("w", |object| {
        object["metadata"]["labels"] = json!({"a": "b"});
        object["spec"] = json!({"region": "eu"});
    });
    assert_eq!(
        server.fields("w"),
        json!({
            "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
            "f:spec": {".": {}, "f:region": {}, "f:replicas": {}},
        })
    );
}

#[test]
fn applying_the_same_again_keeps_the_time() {
    let mut server = Server::new();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    let before = server.live.clone();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    assert_eq!(server.live, before);
}

#[test]
fn a_conflict_names_the_owner_and_the_field() {
    let mut server = Server::new();
    server.write("writer", |object| object["spec"]["region"] = json!("eu"));
    let error = server
        .apply("m2", &json!({"region": "us"}), false)
        .unwrap_err();
    let status = Status::from(error);
    assert_eq!((status.code, status.reason), (409, "Conflict"));
    assert_eq!(
        status.message,
        "Apply failed with 1 conflict: conflict with \"writer\" using g/v1: .spec.region"
    );
    let cause = &status.details.unwrap().causes[0];
    assert_eq!(cause.reason, "FieldManagerConflict");
    assert_eq!(cause.message, "conflict with \"writer\" using g/v1");
    assert_eq!(cause.field, ".spec.region");
}

#[test]
fn several_conflicts_are_listed_by_owner() {
    let mut server = Server::new();
    server
        .apply("m1", &json!({"region": "eu", "purpose": "a"}), false)
        .unwrap();
    server.apply("m3", &json!({"zones": ["z"]}), false).unwrap();
    let wanted = json!({"region": "us", "purpose": "b", "zones": []});
    let error = server.apply("m2", &wanted, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Apply failed with 3 conflicts: conflicts with \"m1\":\n- .spec.purpose\n- .spec.region\n\
         conflict with \"m3\": .spec.zones"
    );
}

#[test]
fn force_takes_fields_over() {
    let mut server = Server::new();
    server
        .apply(
            "m1",
            &json!({"region": "eu", "purpose": "production"}),
            false,
        )
        .unwrap();
    server.apply("m2", &json!({"region": "us"}), true).unwrap();
    assert_eq!(server.spec()["region"], "us");
    assert_eq!(server.fields("m1"), json!({"f:spec": {"f:purpose": {}}}));
    assert_eq!(server.fields("m2"), json!({"f:spec": {"f:region": {}}}));
}

#[test]
fn equal_values_are_shared_and_outlive_one_owner() {
    let mut server = Server::new();
    let spec = json!({"region": "eu", "purpose": "production"});
    server.apply("m1", &spec, false).unwrap();
    server.apply("m2", &spec, false).unwrap();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    assert_eq!(server.spec()["purpose"], "production");
    assert_eq!(server.fields("m1"), json!({"f:spec": {"f:region": {}}}));
    server.apply("m2", &json!({"region": "eu"}), false).unwrap();
    assert_eq!(server.spec(), json!({"region": "eu", "replicas": 1}));
}

#[test]
fn keyed_items_have_their_own_owners() {
    let mut server = Server::new();
    server
        .apply(
            "m1",
            &json!({"region": "eu", "workers": [{"name": "w1"}]}),
            false,
        )
        .unwrap();
    server
        .apply(
            "m2",
            &json!({"workers": [{"name": "w2", "machine": "x"}]}),
            false,
        )
        .unwrap();
    assert_eq!(
        server.spec()["workers"],
        json!([{"name": "w1"}, {"name": "w2", "machine": "x"}])
    );
    assert_eq!(
        server.fields("m2"),
        json!({"f:spec": {"f:workers": {"k:{\"name\":\"w2\"}":
            {".": {}, "f:machine": {}, "f:name": {}}}}})
    );
    server.apply("m2", &json!({}), false).unwrap();
    assert_eq!(
        server.spec(),
        json!({"region": "eu", "workers": [{"name": "w1"}], "replicas": 1})
    );
}

#[test]
fn sets_are_owned_by_value() {
    let mut server = Server::new();
    server
        .apply("m1", &json!({"families": ["IPv6"]}), false)
        .unwrap();
    server
        .apply("m2", &json!({"families": ["IPv4"]}), false)
        .unwrap();
    assert_eq!(server.spec()["families"], json!(["IPv6", "IPv4"]));
    assert_eq!(
        server.fields("m1"),
        json!({"f:spec": {"f:families": {"v:\"IPv6\"": {}}}})
    );
    server.apply("m1", &json!({}), false).unwrap();
    assert_eq!(server.spec()["families"], json!(["IPv4"]));
}

#[test]
fn atomic_lists_and_maps_conflict_as_one() {
    for (field, first, second) in [
        ("zones", json!(["z1"]), json!(["z2"])),
        ("atomicMap", json!({"x": "1"}), json!({"y": "2"})),
    ] {
        let mut server = Server::new();
        server.apply("m1", &json!({field: first}), false).unwrap();
        let Err(ApplyError::Conflicts(conflicts)) =
            server.apply("m2", &json!({field: second}), false)
        else {
            panic!("{field} must conflict");
        };
        assert_eq!(conflicts[0].field, format!(".spec.{field}"));
        assert_eq!(conflicts[0].owner, "\"m1\"");
    }
}

#[test]
fn granular_maps_merge_and_vanish() {
    let mut server = Server::new();
    server
        .apply("m1", &json!({"labels": {"x": "1"}}), false)
        .unwrap();
    server
        .apply("m2", &json!({"labels": {"y": "2"}}), false)
        .unwrap();
    assert_eq!(server.spec()["labels"], json!({"x": "1", "y": "2"}));
    assert_eq!(
        server.fields("m2"),
        json!({"f:spec": {"f:labels": {"f:y": {}}}})
    );
    server.apply("m1", &json!({}), false).unwrap();
    assert_eq!(server.spec()["labels"], json!({"y": "2"}));
    server.apply("m2", &json!({}), false).unwrap();
    assert_eq!(server.spec(), json!({"replicas": 1}));
}

#[test]
fn an_update_moves_ownership() {
    let mut server = Server::new();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    server.write("m2", |object| object["spec"]["region"] = json!("us"));
    assert_eq!(server.entry("m1"), Value::Null);
    assert_eq!(server.fields("m2"), json!({"f:spec": {"f:region": {}}}));
    assert_eq!(server.entry("m2")["operation"], "Update");
}

#[test]
fn an_update_that_changes_nothing_leaves_no_trace() {
    let mut server = Server::new();
    server.write("w", |object| object["spec"]["region"] = json!("eu"));
    let before = server.live.clone();
    server.write("w", |_| {});
    server.write("other", |_| {});
    server.write("w", |object| {
        object["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("managedFields");
    });
    assert_eq!(server.live, before);
}

#[test]
fn an_empty_entry_clears_tracking_for_good() {
    let mut server = Server::new();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    server.write("m2", |object| {
        object["metadata"]["managedFields"] = json!([{}]);
    });
    assert_eq!(
        server.live.as_ref().unwrap()["metadata"].get("managedFields"),
        None
    );
    server.write("m2", |object| object["spec"]["region"] = json!("us"));
    assert_eq!(
        server.live.as_ref().unwrap()["metadata"].get("managedFields"),
        None
    );
    server.apply("m1", &json!({"region": "us"}), false).unwrap();
    assert_eq!(server.fields("m1"), json!({"f:spec": {"f:region": {}}}));
    assert_eq!(
        server.fields("before-first-apply")["f:spec"]["f:region"],
        json!({})
    );
}

#[test]
fn a_status_write_owns_status_only() {
    let mut server = Server::new();
    server.apply("m1", &json!({"region": "eu"}), false).unwrap();
    let live = server.live.clone().unwrap();
    let status = Writer {
        subresource: "status",
        extent: Extent::Only(&["status"]),
        ..writer("m1", "2026-11-20T11:00:00Z")
    };
    let applied = json!({"apiVersion": "g/v1", "kind": "Shoot", "metadata": {"name": "a"},
        "status": {"phase": "Ready"}});
    let object = apply(Some(&live), &applied, &status, false, server.types()).unwrap();
    assert_eq!(object["spec"]["region"], "eu");
    assert_eq!(object["status"]["phase"], "Ready");
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["subresource"], "status");
    assert_eq!(entries[1]["fieldsV1"], json!({"f:status": {"f:phase": {}}}));
}

#[test]
fn bodies_that_cannot_be_applied_are_refused() {
    let mut server = Server::new();
    let refused = |server: &Server, body: &Value| {
        apply(None, body, &writer("m", "t"), false, server.types())
            .unwrap_err()
            .to_string()
    };
    let mut body = object(&json!({}));
    body["metadata"]["managedFields"] = json!([]);
    assert_eq!(
        refused(&server, &body),
        "metadata.managedFields must be nil"
    );
    body = object(&json!({}));
    body["apiVersion"] = json!("g/v2");
    assert!(refused(&server, &body).starts_with("Incorrect version specified in apply patch."));
    let unknown = object(&json!({"odd": 1}));
    assert_eq!(
        refused(&server, &unknown),
        "failed to create typed patch object (/a; g/v1, Kind=Shoot): .spec.odd: field not declared \
         in schema"
    );
    let mut foreign = object(&json!({}));
    foreign["metadata"]["odd"] = json!("x");
    assert!(refused(&server, &foreign).ends_with(".metadata.odd: field not declared in schema"));
    let double = json!({"workers": [{"name": "w"}, {"name": "w"}]});
    let error = server.apply("m", &double, false).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("duplicate entries for key [name=\"w\"]"),
        "{error}"
    );
}

#[test]
fn kubectl_may_take_over_what_it_applied_on_the_client() {
    let mut server = Server::new();
    let annotation = "kubectl.kubernetes.io/last-applied-configuration";
    let last = object(&json!({"region": "eu"})).to_string();
    server.write("kubectl-client-side-apply", |object| {
        object["metadata"]["annotations"] = json!({annotation: last});
        object["spec"] = json!({"region": "eu"});
    });
    server
        .apply("kubectl", &json!({"region": "us"}), false)
        .unwrap();
    assert_eq!(server.spec()["region"], "us");
    let live = server.live.as_ref().unwrap();
    assert_eq!(
        live["metadata"]["annotations"][annotation],
        object(&json!({"region": "us"})).to_string()
    );
}

#[test]
fn built_in_kinds_use_the_table() {
    let types = FieldType::built_in("apps", "Deployment");
    let mut new = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "a", "finalizers": ["x/y"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "u"}]},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{
                    "name": "c", "image": "i",
                    "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "env": [{"name": "E", "value": "v"}],
                    "args": ["x"],
                }]},
            },
        },
    });
    let writer = Writer {
        api_version: "apps/v1",
        ..writer("w", "t")
    };
    update(None, &mut new, &writer, types);
    assert_eq!(
        new["metadata"]["managedFields"][0]["fieldsV1"],
        json!({
            "f:metadata": {
                "f:finalizers": {".": {}, "v:\"x/y\"": {}},
                "f:ownerReferences": {".": {}, "k:{\"uid\":\"u\"}": {}},
            },
            "f:spec": {
                "f:selector": {},
                "f:template": {
                    "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
                    "f:spec": {"f:containers": {".": {}, "k:{\"name\":\"c\"}": {
                        ".": {}, "f:args": {},
                        "f:env": {".": {}, "k:{\"name\":\"E\"}":
                            {".": {}, "f:name": {}, "f:value": {}}},
                        "f:image": {}, "f:name": {},
                        "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":
                            {".": {}, "f:containerPort": {}, "f:protocol": {}}},
                    }}},
                },
            },
        })
    );
}

fn spec() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![Just(json!("x")), Just(json!("y"))];
    let labels = proptest::collection::btree_map("[a-c]", scalar.clone(), 0..3);
    let worker = (0..2_i64).prop_map(|count| json!({"count": count}));
    let workers = proptest::collection::btree_map("[a-c]", worker, 0..3);
    (
        proptest::option::of(scalar.clone()),
        proptest::option::of(labels),
        proptest::option::of(workers),
        proptest::option::of(proptest::collection::btree_set("[a-c]", 1..3)),
    )
        .prop_map(|(region, labels, workers, families)| {
            let mut spec = serde_json::Map::new();
            if let Some(region) = region {
                spec.insert("region".into(), region);
            }
            if let Some(labels) = labels {
                spec.insert("labels".into(), json!(labels));
            }
            if let Some(workers) = workers {
                let items = workers.into_iter().map(|(name, mut worker)| {
                    worker["name"] = json!(name);
                    worker
                });
                spec.insert("workers".into(), items.collect());
            }
            if let Some(families) = families {
                spec.insert("families".into(), json!(families));
            }
            Value::Object(spec)
        })
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map
                .iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(sorted).collect();
            list.sort_by_key(ToString::to_string);
            Value::Array(list)
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn applying_twice_is_applying_once(before in spec(), first in spec(), second in spec()) {
        let mut server = Server::new();
        server.write("w", |object| object["spec"] = before);
        server.apply("m1", &first, true).unwrap();
        server.apply("m2", &second, true).unwrap();
        let once = server.live.clone();
        server.apply("m2", &second, true).unwrap();
        prop_assert_eq!(server.live, once);
    }

    #[test]
    fn what_is_applied_is_there(before in spec(), applied in spec()) {
        let mut server = Server::new();
        server.write("w", |object| object["spec"] = before);
        server.apply("m", &applied, true).unwrap();
        let live = server.live.as_ref().unwrap();
        let again = super::merge(live, &object(&applied), server.types());
        prop_assert_eq!(sorted(&again), sorted(live));
    }

    #[test]
    fn managed_fields_exist(first in spec(), second in spec(), third in spec()) {
        let mut server = Server::new();
        server.apply("m1", &first, true).unwrap();
        server.apply("m2", &second, true).unwrap();
        server.write("w", |object| object["spec"]["region"] = json!("z"));
        server.apply("m1", &third, true).unwrap();
        let live = server.live.clone().unwrap();
        let zero = server.types().zero(&live);
        let all = super::Comparison::of(&zero, &live, server.types()).set()
            .union(&super::fields_of(&live, server.types()));
        for entry in super::ManagedFields::of(&live).entries {
            let lost = entry.set.difference(&all);
            prop_assert!(lost.is_empty(), "{} owns {:?}", entry.manager, lost.encode());
        }
    }

    #[test]
    fn a_lone_applier_that_applies_nothing_leaves_nothing(first in spec(), second in spec()) {
        let mut server = Server::new();
        server.apply("m1", &first, false).unwrap();
        server.apply("m1", &second, false).unwrap();
        server.apply("m1", &json!({}), false).unwrap();
        let mut spec = server.spec();
        // An empty keyed list is a field that nobody owns, upstream too.
        spec.as_object_mut().unwrap().retain(|_, value| *value != json!([]));
        prop_assert_eq!(spec, json!({"replicas": 1}));
    }
}
