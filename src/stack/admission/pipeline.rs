//! The pipeline of one write: defaults, then what the Seed offers, then the rules.

use serde::Deserialize as _;
use serde_json::{Value, json};
use thiserror::Error;

use crate::{
    api::{
        core::{Seed, Shoot},
        defaults,
        validation::{FieldError, Layer, Review, ReviewError, Rules},
    },
    stack::{merge, names::SHOOT_FINALIZER, networking_calico, provider_local},
};

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new object.
    Create,
    /// A changed object.
    Update,
}

/// One write.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// New or changed.
    pub operation: Operation,
    /// `status`, or nothing.
    pub subresource: Option<&'a str>,
    /// The object as it is about to be stored.
    pub object: &'a Value,
    /// The object as it is stored.
    pub old: Option<&'a Value>,
}

/// Why a write is refused.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Fields are wrong.
    #[error("{} fields are wrong", errors.len())]
    Fields {
        /// The HTTP status that Gardener answers with.
        code: u16,
        /// All errors of the layer that found any.
        errors: Vec<FieldError>,
    },
    /// The object does not fit its kind.
    #[error("{message}")]
    Malformed {
        /// Where it does not fit.
        message: String,
    },
}

impl Refusal {
    fn fields(layer: Layer, errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        let code = layer.http_status();
        Err(Self::Fields { code, errors })
    }
}

impl From<ReviewError> for Refusal {
    fn from(error: ReviewError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let message = match cause {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        };
        Self::Malformed { message }
    }
}

/// The name of the Seed that the review of a write has to see: that of a Shoot which gets one, or
/// whose networks change.
pub fn wants_seed<'a>(request: &Request<'a>) -> Option<&'a str> {
    let object = request.object;
    if object["kind"] != "Shoot" || request.subresource.is_some() || is_untouched(request) {
        return None;
    }
    object.pointer("/spec/seedName")?.as_str()
}

/// Judges a write. `Ok` holds the object with its defaults, if they change anything.
pub fn review(
    request: &Request<'_>,
    seed: Option<&Seed>,
    rules: &Rules,
    global_id: impl FnOnce() -> [u8; 5],
) -> Result<Option<Value>, Refusal> {
    let defaulted = default(request, seed, rules, global_id)?;
    let request = Request {
        object: defaulted.as_ref().unwrap_or(request.object),
        ..*request
    };
    validate(&request, seed, rules)?;
    Ok(defaulted)
}

/// Fills in defaults and what the Seed offers. `Ok` holds the object, if that changes anything.
pub fn default(
    request: &Request<'_>,
    seed: Option<&Seed>,
    rules: &Rules,
    global_id: impl FnOnce() -> [u8; 5],
) -> Result<Option<Value>, Refusal> {
    if request.subresource.is_some() || is_untouched(request) {
        return Ok(None);
    }
    if request.operation == Operation::Create
        && let Some(finalizer) = extension_finalizer(request.object)
    {
        return Ok(with_finalizer(request.object, finalizer));
    }
    with_defaults(request, seed, rules, global_id)
}

/// Checks the rules of a write.
pub fn validate(request: &Request<'_>, seed: Option<&Seed>, rules: &Rules) -> Result<(), Refusal> {
    if !is_known(request.object) {
        return Ok(());
    }
    match request.subresource {
        None => {}
        Some("status") => return review_status(request, rules),
        Some(_) => return Ok(()),
    }
    if is_untouched(request) {
        return Ok(());
    }
    let review = Review {
        new: request.object,
        old: request.old,
        seed,
        rules,
    };
    // The plugin with the Seed in view came before static validation at the time of the GEP.
    let order = if rules.is_gep21() {
        [
            Layer::Admission,
            Layer::Static,
            Layer::Registry,
            Layer::ProviderLocal,
        ]
    } else {
        [
            Layer::Static,
            Layer::Registry,
            Layer::Admission,
            Layer::ProviderLocal,
        ]
    };
    let subject = review.read()?;
    let local = provider(request.object) == Some("local");
    for layer in order {
        if local || layer != Layer::ProviderLocal {
            Refusal::fields(layer, subject.run(layer))?;
        }
    }
    subject.shoot().map_or(Ok(()), validate_networking)
}

/// The networking extension has its own admission.
fn validate_networking(shoot: &Shoot) -> Result<(), Refusal> {
    let networking = shoot.spec.networking.as_ref();
    let type_ = networking.and_then(|networking| networking.type_.as_deref());
    if type_ != Some(networking_calico::TYPE) || shoot.spec.is_workerless() {
        return Ok(());
    }
    Refusal::fields(Layer::Static, networking_calico::shoot(shoot))
}

fn review_status(request: &Request<'_>, rules: &Rules) -> Result<(), Refusal> {
    let review = Review {
        new: request.object,
        old: request.old,
        seed: None,
        rules,
    };
    Refusal::fields(Layer::Status, review.run(Layer::Status)?)
}

/// Whether the kind has rules.
fn is_known(object: &Value) -> bool {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    matches!(
        (text("apiVersion"), text("kind")),
        ("core.gardener.cloud/v1beta1", "Shoot" | "Seed")
            | (
                "extensions.gardener.cloud/v1alpha1",
                "Network" | "DNSRecord"
            )
    )
}

/// Whether an update leaves the specification alone. Labels, annotations and finalizers must stay
/// writable on objects that newer rules would refuse.
fn is_untouched(request: &Request<'_>) -> bool {
    request
        .old
        .is_some_and(|old| old.get("spec") == request.object.get("spec"))
}

fn provider(object: &Value) -> Option<&str> {
    object.pointer("/spec/provider/type")?.as_str()
}

/// The object with its defaults; `None` if it needs none. Only what is defaulted changes: the rest
/// of the document stays as it was written, whatever this crate makes of it.
fn with_defaults(
    request: &Request<'_>,
    seed: Option<&Seed>,
    rules: &Rules,
    global_id: impl FnOnce() -> [u8; 5],
) -> Result<Option<Value>, Refusal> {
    match request.object["kind"].as_str() {
        Some("Shoot") => defaulted_shoot(request.object, |shoot| {
            defaults::shoot(shoot, rules);
            if let Some(seed) = seed {
                defaults::from_seed(shoot, seed, rules, global_id);
            }
            if request.operation == Operation::Create {
                keep(shoot);
            }
        }),
        Some("Seed") => defaulted_seed(request.object),
        _ => Ok(None),
    }
}

/// The finalizer of the extension that will serve an object. Born with it, the object needs no
/// write of its own for it.
fn extension_finalizer(object: &Value) -> Option<&'static str> {
    let served = match object["kind"].as_str()? {
        "Network" => networking_calico::TYPE,
        _ => provider_local::TYPE,
    };
    let ours = object["apiVersion"] == "extensions.gardener.cloud/v1alpha1"
        && object.pointer("/spec/type").and_then(Value::as_str) == Some(served);
    match object["kind"].as_str()? {
        "DNSRecord" => Some("extensions.gardener.cloud/dnsrecord"),
        "Infrastructure" => Some("extensions.gardener.cloud/infrastructure"),
        "Network" => Some("extensions.gardener.cloud/network"),
        "OperatingSystemConfig" => Some("extensions.gardener.cloud/operatingsystemconfig"),
        "Worker" => Some("extensions.gardener.cloud/worker"),
        _ => None,
    }
    .filter(|_| ours)
}

fn with_finalizer(object: &Value, finalizer: &str) -> Option<Value> {
    let mut object = object.clone();
    let metadata = object.get_mut("metadata")?.as_object_mut()?;
    let list = metadata
        .entry("finalizers")
        .or_insert_with(|| Vec::<Value>::new().into());
    let list = list.as_array_mut()?;
    if list.iter().any(|name| name == finalizer) {
        return None;
    }
    list.push(finalizer.into());
    Some(object)
}

/// A Shoot is born with its finalizer (Gardener, `pkg/registry/core/shoot/strategy.go`), so that
/// nothing of it is left behind however early it is deleted.
fn keep(shoot: &mut Shoot) {
    let finalizers = shoot.metadata.finalizers.get_or_insert_default();
    if !finalizers.iter().any(|name| name == SHOOT_FINALIZER) {
        finalizers.push(SHOOT_FINALIZER.to_owned());
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::Malformed {
        message: error.to_string(),
    }
}

/// A Shoot with its defaults. Of a large object only the parts that defaults can touch are compared.
fn defaulted_shoot(
    object: &Value,
    change: impl FnOnce(&mut Shoot),
) -> Result<Option<Value>, Refusal> {
    let mut shoot = Shoot::deserialize(object).map_err(|error| malformed(&error))?;
    let before = touched(&shoot)?;
    change(&mut shoot);
    Ok(patched(object, &before, &touched(&shoot)?))
}

/// What defaults of a Shoot can touch, in its place.
fn touched(shoot: &Shoot) -> Result<Value, Refusal> {
    let Shoot { metadata, spec, .. } = shoot;
    let touched = (|| {
        Ok(json!({
            "metadata": {"finalizers": serde_json::to_value(&metadata.finalizers)?},
            "spec": {
                "networking": serde_json::to_value(&spec.networking)?,
                "kubernetes": serde_json::to_value(&spec.kubernetes)?,
            },
        }))
    })();
    touched.map_err(|error| malformed(&error))
}

fn defaulted_seed(object: &Value) -> Result<Option<Value>, Refusal> {
    let mut seed = Seed::deserialize(object).map_err(|error| malformed(&error))?;
    let state = |seed: &Seed| serde_json::to_value(seed).map_err(|error| malformed(&error));
    let before = state(&seed)?;
    defaults::seed(&mut seed);
    Ok(patched(object, &before, &state(&seed)?))
}

/// The object with what changed between two states of it; `None` if nothing did.
fn patched(object: &Value, before: &Value, after: &Value) -> Option<Value> {
    let patch = merge::difference(before, after)?;
    let mut object = object.clone();
    json_patch::merge(&mut object, &patch);
    Some(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{
            extensions::Worker,
            gates::{ApiProfile, FeatureGate, FeatureGates},
        },
        stack::extension,
    };

    fn shoot(networking: &Value) -> Value {
        json!({
            "apiVersion": "core.gardener.cloud/v1beta1",
            "kind": "Shoot",
            "metadata": {"name": "local", "namespace": "garden-local"},
            "spec": {
                "networking": networking,
                "provider": {"type": "local", "workers": [{"name": "a", "minimum": 1}]},
                "unknownToThisCrate": {"stays": [1, 2]},
            },
        })
    }

    fn seed() -> Seed {
        let spec = json!({"networks": {
            "nodes": "fd00:10::/64", "pods": "fd00:10:1::/56", "services": "fd00:10:2::/112",
            "shootDefaults": {"pods": "fd00:10:3::/56", "services": "fd00:10:4::/112"},
            "ipFamilies": ["IPv6"],
        }});
        Seed::new("local", serde_json::from_value(spec).unwrap())
    }

    fn create(object: &Value, seed: Option<&Seed>) -> Result<Option<Value>, Refusal> {
        let request = Request {
            operation: Operation::Create,
            subresource: None,
            object,
            old: None,
        };
        review(&request, seed, &Rules::default(), || [1; 5])
    }

    fn errors(result: Result<Option<Value>, Refusal>) -> (u16, Vec<String>) {
        match result.unwrap_err() {
            Refusal::Fields { code, errors } => {
                (code, errors.into_iter().map(|error| error.field).collect())
            }
            Refusal::Malformed { message } => panic!("{message}"),
        }
    }

    #[test]
    fn a_shoot_gets_defaults_and_keeps_the_rest() {
        let object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
        let new = create(&object, None).unwrap().expect("defaults");
        let manager = &new["spec"]["kubernetes"]["kubeControllerManager"];
        assert_eq!(manager["nodeCIDRMaskSize"], 64);
        assert_eq!(new["metadata"]["finalizers"], json!(["gardener"]));
        assert_eq!(new["spec"]["unknownToThisCrate"], json!({"stays": [1, 2]}));
        assert_eq!(new["spec"]["networking"].get("pods"), None);
    }

    #[test]
    fn the_seed_fills_in_ranges_when_it_is_known() {
        let mut object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
        object["spec"]["seedName"] = "local".into();
        let new = create(&object, Some(&seed())).unwrap().expect("defaults");
        assert_eq!(new["spec"]["networking"]["pods"], "fd00:10:3::/56");
        assert_eq!(new["spec"]["networking"]["services"], "fd00:10:4::/112");
    }

    #[test]
    fn tuples_are_held_against_the_seed_by_what_they_spell_out() {
        for profile in [ApiProfile::Gep21, ApiProfile::Upstream] {
            let gates = FeatureGates::default().with(FeatureGate::AutoIPv6, true);
            let rules = Rules { profile, gates };
            let create = |pods: &str| {
                let mut object = shoot(&json!({
                    "type": "calico", "pods": pods,
                    "nodes": "AUTOv6, 10.0.255.0/24", "services": "AUTOv6, 100.72.0.0/13",
                }));
                object["spec"]["seedName"] = "local".into();
                let request = Request {
                    operation: Operation::Create,
                    subresource: None,
                    object: &object,
                    old: None,
                };
                review(&request, Some(&seed()), &rules, || [1; 5])
            };
            let new = create("AUTOv6, 100.128.0.0/11").unwrap().expect("defaults");
            let networking = &new["spec"]["networking"];
            assert_eq!(networking["ipFamilies"], json!(["IPv6", "IPv4"]));
            assert_eq!(networking["pods"], "AUTOv6, 100.128.0.0/11");
            let refused = errors(create("fd00:10:1::/64, 100.128.0.0/11"));
            let field = "spec.networking.pods".to_owned();
            assert_eq!(refused, (403, vec![field]), "{profile}");
        }
    }

    #[test]
    fn without_the_gate_a_tuple_is_refused_with_its_name_even_before_the_static_rules() {
        let mut object = shoot(&json!({
            "type": "calico", "ipFamilies": ["IPv6"], "pods": "AUTOv6", "services": "AUTOv6",
        }));
        object["spec"]["seedName"] = "local".into();
        let Err(Refusal::Fields { errors, .. }) = create(&object, Some(&seed())) else {
            panic!("the tuple was accepted")
        };
        for error in errors {
            assert!(error.detail.contains("feature gate AutoIPv6"), "{error}");
        }
    }

    #[test]
    fn static_errors_are_422_and_those_with_the_seed_403() {
        let object = shoot(&json!({"type": "", "ipFamilies": ["IPv6"], "pods": "nonsense"}));
        let fields = ["spec.networking.type", "spec.networking.pods"];
        assert_eq!(errors(create(&object, None)).0, 422);
        assert_eq!(errors(create(&object, None)).1, fields);

        let networking =
            json!({"type": "calico", "ipFamilies": ["IPv6"], "pods": "fd00:10:1::/64"});
        let mut object = shoot(&networking);
        object["spec"]["seedName"] = "local".into();
        let (code, found) = errors(create(&object, Some(&seed())));
        assert_eq!(
            (code, found),
            (403, vec!["spec.networking.pods".to_owned()])
        );
    }

    #[test]
    fn an_update_is_judged_with_the_old_object_and_metadata_stays_free() {
        let old = shoot(&json!({"type": "calico", "ipFamilies": ["IPv4"]}));
        let mut new = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
        let update = |object: &Value| {
            let request = Request {
                operation: Operation::Update,
                subresource: None,
                object,
                old: Some(&old),
            };
            review(&request, None, &Rules::default(), || [1; 5])
        };
        assert_eq!(errors(update(&new)).1[0], "spec.networking.ipFamilies");
        new["spec"] = old["spec"].clone();
        new["metadata"]["labels"] = json!({"a": "b"});
        assert!(update(&new).unwrap().is_none());
    }

    #[test]
    fn the_networking_extension_has_its_say() {
        let networking = |config: &Value| {
            let ipv6 = json!(["IPv6"]);
            json!({"type": "calico", "ipFamilies": ipv6, "providerConfig": config})
        };
        let object = shoot(&networking(&json!({"ipv6": {"natOutgoing": true}})));
        let field = "spec.networking.providerConfig.ipv6.natOutgoing";
        assert_eq!(errors(create(&object, None)), (422, vec![field.to_owned()]));
        let object = shoot(&networking(&json!({"ipam": {"type": "calico-ipam"}})));
        let field = "spec.networking.providerConfig.ipam.type";
        assert_eq!(errors(create(&object, None)), (422, vec![field.to_owned()]));
    }

    #[test]
    fn an_object_that_is_served_is_born_with_its_finalizer() {
        let object = |kind: &str, type_: &str| {
            json!({
                "apiVersion": "extensions.gardener.cloud/v1alpha1", "kind": kind,
                "metadata": {"name": "a"}, "spec": {"type": type_},
            })
        };
        let born = |object: &Value| {
            let request = Request {
                operation: Operation::Create,
                subresource: None,
                object,
                old: None,
            };
            default(&request, None, &Rules::default(), || [1; 5]).unwrap()
        };
        let worker = born(&object("Worker", "local")).expect("a finalizer");
        assert_eq!(
            worker["metadata"]["finalizers"],
            json!([extension::finalizer::<Worker>()])
        );
        assert!(born(&object("Worker", "aws")).is_none());
        assert!(born(&object("Network", "calico")).is_some());
        assert!(born(&object("Cluster", "local")).is_none());
    }

    #[test]
    fn kinds_without_rules_pass() {
        let object = json!({"apiVersion": "v1", "kind": "Secret", "spec": {"a": 1}});
        assert!(create(&object, None).unwrap().is_none());
        let rules = Rules {
            profile: ApiProfile::Upstream,
            ..Rules::default()
        };
        let object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6", "IPv4"]}));
        let request = Request {
            operation: Operation::Create,
            subresource: Some("scale"),
            object: &object,
            old: None,
        };
        assert!(review(&request, None, &rules, || [1; 5]).unwrap().is_none());
    }
}
