//! Objects: those of the vectors, and what becomes of them when values at random places are
//! exchanged, removed or added.

use std::sync::LazyLock;

use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value, json};

/// Objects of the kinds with rules, good and bad ones.
static POOL: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let files = [
        include_str!("../../vectors/gardener-validation.yaml"),
        include_str!("../../vectors/gardener-validation-more.yaml"),
    ];
    let mut pool: Vec<Value> = files.into_iter().flat_map(objects).collect();
    pool.extend(tuples());
    pool
});

fn objects(file: &str) -> Vec<Value> {
    let content: Value = serde_yaml::from_str(file).expect("the vectors are YAML");
    let lists = ["vectors", "outlook", "defaulting"];
    let vectors = lists.map(|list| content[list].as_array().cloned().unwrap_or_default());
    vectors
        .into_iter()
        .flatten()
        .flat_map(|vector| {
            let kind = vector["kind"].as_str().unwrap_or_default().to_owned();
            let baseline = content["baselines"][&kind].clone();
            ["old", "new", "in"].map(move |key| {
                let mut object = baseline.clone();
                json_patch::merge(&mut object, &vector[key]);
                object
            })
        })
        .filter(Value::is_object)
        .collect()
}

/// Shoots with `AUTOv6` tuples.
fn tuples() -> Vec<Value> {
    let shoot = |pods: &str, nodes: Option<&str>, services: &str| {
        json!({
            "apiVersion": "core.gardener.cloud/v1beta1",
            "kind": "Shoot",
            "metadata": {"name": "local", "namespace": "garden-local"},
            "spec": {
                "networking": {"type": "calico", "pods": pods, "nodes": nodes, "services": services},
                "provider": {"type": "local", "workers": [{"name": "a", "minimum": 1, "maximum": 2}]},
            },
        })
    };
    vec![
        shoot("AUTOv6", None, "AUTOv6"),
        shoot(
            "AUTOv6, 100.128.0.0/11, ",
            Some("AUTOv6, 10.255.0.0/16"),
            "AUTOv6, 100.72.0.0/13",
        ),
        shoot("10.0.0.0/16, 2001:db8:1::/48", None, "10.2.0.0/16, AUTOv6"),
    ]
}

/// An object of the pool as it is.
pub(super) fn sound() -> impl Strategy<Value = Value> {
    select(POOL.as_slice())
}

/// An object of the pool with up to six changes.
pub(super) fn any() -> impl Strategy<Value = Value> {
    let change = (proptest::arbitrary::any::<Index>(), change());
    (sound(), proptest::collection::vec(change, 0..=6)).prop_map(|(mut object, changes)| {
        for (place, change) in changes {
            apply(&mut object, place, change);
        }
        object
    })
}

/// Two objects of one kind, as if one were the old state of the other.
pub(super) fn pairs() -> impl Strategy<Value = (Value, Value)> {
    (any(), any()).prop_map(|(new, mut old)| {
        for key in ["apiVersion", "kind", "metadata"] {
            old[key] = new[key].clone();
        }
        (new, old)
    })
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Remove,
    Add(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => value().prop_map(Change::Replace),
        1 => Just(Change::Remove),
        2 => (key(), value()).prop_map(|(key, value)| Change::Add(key, value)),
    ]
}

/// Names of fields that mean something.
const KEYS: &[&str] = &[
    "networking",
    "ipFamilies",
    "pods",
    "nodes",
    "services",
    "podsCIDRs",
    "nodesCIDRs",
    "servicesCIDRs",
    "networks",
    "shootDefaults",
    "blockCIDRs",
    "seedName",
    "status",
    "podCIDR",
    "serviceCIDR",
    "recordType",
    "values",
    "ttl",
    "kubernetes",
    "workers",
    "kubeControllerManager",
    "nodeCIDRMaskSize",
    "nodeCIDRMaskSizeIPv6",
    "kubelet",
    "maxPods",
    "maximum",
    "type",
    "providerConfig",
    "deletionTimestamp",
];

/// Texts that mean something somewhere, and their neighbours.
const TEXTS: &[&str] = &[
    "",
    " ",
    "IPv4",
    "IPv6",
    "ipv6",
    "10.0.0.0/8",
    "10.0.0.1/8",
    "0.0.0.0/0",
    "::/0",
    "::1/128",
    "fd00::/8",
    "2001:db8::/48",
    "2001:db8::1/48",
    "::ffff:10.0.0.0/112",
    "::ffff:0:0/96",
    "10.0.0.0/33",
    "fd00::/129",
    "fe80::%eth0/64",
    "AUTOv6",
    "AUTOv6, 10.0.0.0/16,",
    ",",
    "autov6",
    "A",
    "AAAA",
    "CNAME",
    "TXT",
    "local",
    "calico",
    "255.255.255.255/32",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
    "240.0.0.0/4",
];

/// Numbers on the edge.
const NUMBERS: &[i64] = &[
    0,
    1,
    -1,
    16,
    24,
    28,
    32,
    63,
    64,
    124,
    128,
    2_147_483_647,
    i64::MIN,
    i64::MAX,
];

/// Names of fields that mean something, and others.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![select(KEYS).prop_map(str::to_owned), ".{0,8}"]
}

/// Values of every type, those on the edge before all.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => select(TEXTS).prop_map(Value::from),
        3 => select(NUMBERS).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => proptest::arbitrary::any::<bool>().prop_map(Value::from),
        1 => proptest::arbitrary::any::<i64>().prop_map(Value::from),
        1 => proptest::arbitrary::any::<u64>().prop_map(Value::from),
        1 => (-1e300..1e300).prop_map(Value::from),
        2 => proptest::arbitrary::any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..4)
                .prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Changes the value at one of all places of an object, or the object around it. What the object
/// says it is stays.
fn apply(object: &mut Value, place: Index, change: Change) {
    let places = places(object);
    if places.is_empty() {
        return;
    }
    let place = place.get(&places);
    match change {
        Change::Replace(value) => {
            if let Some(slot) = object.pointer_mut(place) {
                *slot = value;
            }
        }
        Change::Add(key, value) => match object.pointer_mut(place) {
            Some(Value::Object(map)) => drop(map.insert(key, value)),
            Some(Value::Array(list)) => list.push(value),
            _ => {}
        },
        Change::Remove => {
            let Some((parent, last)) = place.rsplit_once('/') else {
                return;
            };
            match object.pointer_mut(parent) {
                Some(Value::Object(map)) => {
                    map.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
                }
                Some(Value::Array(list)) => {
                    list.remove(last.parse().expect("the place of an entry is its index"));
                }
                _ => {}
            }
        }
    }
}

/// The JSON pointers to everything inside `spec` and `status`, these included.
fn places(object: &Value) -> Vec<String> {
    fn walk(value: &Value, place: String, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    walk(value, format!("{place}/{key}"), found);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    walk(value, format!("{place}/{index}"), found);
                }
            }
            _ => {}
        }
        found.push(place);
    }
    let mut found = Vec::new();
    for part in ["spec", "status"] {
        if let Some(value) = object.get(part) {
            walk(value, format!("/{part}"), &mut found);
        }
    }
    found
}
