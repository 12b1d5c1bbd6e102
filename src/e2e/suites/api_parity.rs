//! The API answers what `garden6 validate` says without a cluster: same code, same fields, same
//! reasons, same sentences, same stored object.
//!
//! Nothing here may reach a controller: objects are only rehearsed, or name a type that nobody
//! serves.

use kube::{
    Api,
    api::{ApiResource, ListParams},
};
use serde_json::{Value, json};

use super::support::{
    Answer, DNS_RECORD, NETWORK, NOBODY, SEED, SHOOT, idle_seed, idle_shoot, set, shoot_families,
    single_stacks, workerless_shoot,
};
use crate::{
    api::{core::Seed, validation::Rules},
    e2e::{Area, Case, CaseResult, Context, Lane, Need, Stop, check, failure::describe},
    stack::admission::{Finding, Judge, Refused, Write},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "API-20",
            Area::Api,
            "new objects get the answer that validation without a cluster gives",
            creates,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::Admission])
        .purpose(
            "Accepted and refused Shoots, Seeds, Networks and DNSRecords with every type of \
             error: code, fields, reasons and messages of the API are those of `garden6 \
             validate`, and so is what would be stored.",
        ),
        Case::new(
            "API-21",
            Area::Api,
            "changes get the answer that validation without a cluster gives",
            updates,
        )
        .needs(&[Need::Admission])
        .purpose(
            "Accepted and refused changes of stored objects: code, fields, reasons and messages \
             of the API are those of `garden6 validate --old`.",
        ),
    ]
}

/// An object to write, or the change of a stored one.
struct Attempt {
    what: &'static str,
    kind: &'static ApiResource,
    object: Value,
    /// The merge patch that makes the object from the stored one, if there is a stored one.
    change: Option<Value>,
}

fn attempt(what: &'static str, kind: &'static ApiResource, object: Value) -> Attempt {
    Attempt {
        what,
        kind,
        object,
        change: None,
    }
}

async fn creates(context: Context) -> CaseResult {
    let seed = some_seed(&context).await?;
    let judge = judge(&context);
    let attempts = new_objects(&context, seed.as_ref());
    let mut refused = 0;
    for attempt in &attempts {
        context.step(&format!("ask for {}", attempt.what));
        refused += usize::from(compare(&context, &judge, attempt, None, seed.as_ref()).await?);
    }
    context.note(format!("{refused} of {} are refused", attempts.len()));
    check::that(
        refused >= 20 && refused < attempts.len(),
        "refused objects",
        "20 or more, but not all",
        refused.to_string(),
    )
}

async fn updates(context: Context) -> CaseResult {
    let family = single_stacks(&context)[0];
    let judge = judge(&context);
    let (mut refused, mut count) = (0, 0);
    let stored = [
        (&SHOOT, idle_shoot(&context, "parity", family)),
        (&NETWORK, network(&context)),
        (&DNS_RECORD, record()),
    ];
    for (kind, object) in stored {
        context.arrange(&format!("store a {}", kind.kind));
        let stored = context.create(kind, object).await?;
        let mut stored = serde_json::to_value(stored)?;
        if let Some(metadata) = stored["metadata"].as_object_mut() {
            metadata.shift_remove("managedFields");
        }
        for (what, change) in changes(&kind.kind) {
            let mut object = stored.clone();
            json_patch::merge(&mut object, &change);
            let attempt = Attempt {
                what,
                kind,
                object,
                change: Some(change),
            };
            context.step(&format!("{what} of a {}", kind.kind));
            refused += usize::from(compare(&context, &judge, &attempt, Some(&stored), None).await?);
            count += 1;
        }
    }
    context.note(format!("{refused} of {count} are refused"));
    check::that(
        refused > 0 && refused < count,
        "refused changes",
        "some, but not all",
        refused.to_string(),
    )
}

/// Some Seed of the environment, for Shoots to name.
async fn some_seed(context: &Context) -> CaseResult<Option<Seed>> {
    let seeds: Api<Seed> = Api::all(context.client());
    Ok(seeds
        .list(&ListParams::default())
        .await?
        .items
        .into_iter()
        .next())
}

/// Judges by the rules of the environment.
fn judge(context: &Context) -> Judge {
    Judge::new(Rules {
        profile: context.target().profile,
        gates: context.target().gates.clone(),
    })
}

/// Compares both answers; tells whether they are refusals.
async fn compare(
    context: &Context,
    judge: &Judge,
    attempt: &Attempt,
    old: Option<&Value>,
    seed: Option<&Seed>,
) -> CaseResult<bool> {
    let kind = attempt.kind;
    let object = context.manifest(kind, attempt.object.clone())?;
    let mut object = serde_json::to_value(object)?;
    if kind.kind != SEED.kind {
        object["metadata"]["namespace"] = json!(context.namespace());
    }
    let names_seed = object.pointer("/spec/seedName").is_some();
    let expected = judge.answer(&Write {
        object: &object,
        old,
        seed: seed.filter(|_| names_seed),
    });
    if is_about_unknown_fields(&expected) && !refuses_unknown_fields(context).await? {
        context.note(format!(
            "{}: not compared, this API server is too old to refuse unknown fields",
            attempt.what
        ));
        return Ok(false);
    }
    let found = rehearse(context, attempt, &object).await?;
    match (expected, found) {
        (Ok(expected), Ok(found)) => {
            check::equal(
                format!("{}: the stored spec", attempt.what),
                &expected["spec"],
                &found["spec"],
            )?;
            Ok(false)
        }
        (Err(expected), Err(found)) if found.code == 400 => {
            let complaints = expected.findings.iter().map(complaint);
            for complaint in complaints {
                check::that(
                    expected.code == 400 && found.message.contains(&complaint),
                    format!("{}: the message of the refusal", attempt.what),
                    &complaint,
                    &found.message,
                )?;
            }
            Ok(true)
        }
        (Err(expected), Err(found)) => {
            let what = format!("{}: the refusal", attempt.what);
            check::equal(what, &Answer::from(&expected), &Answer::from(&*found))?;
            Ok(true)
        }
        (expected, found) => Err(Stop::failed(format!(
            "{}: validation says {}, the API says {}",
            attempt.what,
            match &expected {
                Ok(_) => "yes".to_owned(),
                Err(refused) => format!("{refused:?}"),
            },
            match &found {
                Ok(_) => "yes".to_owned(),
                Err(status) => status.message.clone(),
            },
        ))),
    }
}

fn is_about_unknown_fields(answer: &Result<Value, Refused>) -> bool {
    let findings = answer
        .as_ref()
        .err()
        .map(|refused| refused.findings.as_slice());
    findings.is_some_and(|findings| findings.iter().any(|one| one.type_ == "UnknownField"))
}

/// Field validation on the server is on by default from Kubernetes 1.25.
async fn refuses_unknown_fields(context: &Context) -> CaseResult<bool> {
    const FIRST_MINOR: u32 = 25;
    let version = context.client().apiserver_version().await?;
    let digits = version.minor.trim_end_matches('+');
    Ok(digits
        .parse::<u32>()
        .is_ok_and(|minor| minor >= FIRST_MINOR))
}

/// The complaint of the decoder without the advice that follows.
fn complaint(finding: &Finding) -> String {
    match finding.type_.as_str() {
        "UnknownField" => format!("unknown field {:?}", finding.field),
        _ => finding.message.clone(),
    }
}

/// Says what the API server would make of a new object as `kubectl apply` sends it, with unknown
/// fields refused; or of the change of an object.
async fn rehearse(
    context: &Context,
    attempt: &Attempt,
    object: &Value,
) -> CaseResult<Result<Value, Box<kube::core::Status>>> {
    let api = match object["metadata"]["namespace"].as_str() {
        Some(_) => context.namespaced(attempt.kind),
        None => context.everywhere(attempt.kind),
    };
    let mut url = api.resource_url().to_owned();
    let (method, content_type, body) = match &attempt.change {
        None => (http::Method::POST, "application/json", object),
        Some(change) => {
            url.push('/');
            url.push_str(object["metadata"]["name"].as_str().unwrap_or_default());
            (http::Method::PATCH, "application/merge-patch+json", change)
        }
    };
    url.push_str("?dryRun=All&fieldValidation=Strict&fieldManager=garden6-e2e");
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header(http::header::CONTENT_TYPE, content_type)
        .body(serde_json::to_vec(body)?)
        .map_err(|error| Stop::broken(error.to_string()))?;
    match context.client().request::<Value>(request).await {
        Ok(stored) => Ok(Ok(stored)),
        Err(kube::Error::Api(status)) => Ok(Err(status)),
        Err(error) => Err(Stop::failed(describe(&error))),
    }
}

fn network(context: &Context) -> Value {
    let family = shoot_families(context.target()).primary();
    let ranges = context.plan().of(family);
    json!({
        "metadata": {"name": "parity"},
        "spec": {
            "type": NOBODY,
            "ipFamilies": [family],
            "podCIDR": ranges.shoot_pods,
            "serviceCIDR": ranges.shoot_services,
        },
    })
}

fn record() -> Value {
    json!({
        "metadata": {"name": "parity"},
        "spec": {
            "type": NOBODY,
            "secretRef": {"name": "none", "namespace": "none"},
            "name": "api.e2e.example.com",
            "recordType": "AAAA",
            "values": ["2001:db8::1"],
        },
    })
}

/// A change at one place.
fn with(object: &Value, place: &str, value: Value) -> Value {
    let mut object = object.clone();
    set(&mut object, place, value);
    object
}

fn new_objects(context: &Context, seed: Option<&Seed>) -> Vec<Attempt> {
    let family = single_stacks(context)[0];
    let other = context.plan().of(family.other()).clone();
    let shoot = idle_shoot(context, "parity", family);
    let network = network(context);
    let record = record();
    let networking = "/spec/networking";
    let mask = "/spec/kubernetes/kubeControllerManager/nodeCIDRMaskSize";
    let mut attempts = vec![
        attempt("a Shoot", &SHOOT, shoot.clone()),
        attempt(
            "a Shoot that leaves everything to defaults",
            &SHOOT,
            with(&shoot, networking, json!({"type": "calico"})),
        ),
        attempt(
            "a Shoot without workers",
            &SHOOT,
            with(
                &workerless_shoot(context, "parity"),
                "/spec/provider/type",
                json!(NOBODY),
            ),
        ),
        attempt(
            "an unknown family",
            &SHOOT,
            with(
                &shoot,
                "/spec/networking/ipFamilies",
                json!(["IPv4", "IPv7"]),
            ),
        ),
        attempt(
            "a family given twice",
            &SHOOT,
            with(
                &shoot,
                "/spec/networking/ipFamilies",
                json!([family, family]),
            ),
        ),
        attempt(
            "three families",
            &SHOOT,
            with(
                &shoot,
                "/spec/networking/ipFamilies",
                json!(["IPv6", "IPv4", "IPv6"]),
            ),
        ),
        attempt(
            "families that are no list",
            &SHOOT,
            with(&shoot, "/spec/networking/ipFamilies", json!("IPv6")),
        ),
        attempt(
            "no networking type and a range that is none",
            &SHOOT,
            with(
                &shoot,
                networking,
                json!({"ipFamilies": [family], "pods": "nonsense"}),
            ),
        ),
        attempt(
            "host bits",
            &SHOOT,
            with(&shoot, "/spec/networking/nodes", json!("2001:db8::1/48")),
        ),
        attempt(
            "a range of the other family",
            &SHOOT,
            with(
                &shoot,
                "/spec/networking/services",
                json!(other.shoot_services),
            ),
        ),
        attempt(
            "networks of a Shoot without workers",
            &SHOOT,
            with(&shoot, "/spec/provider/workers", json!([])),
        ),
        attempt(
            "a mask that leaves no room",
            &SHOOT,
            with(&shoot, mask, json!(127)),
        ),
        attempt(
            "a mask that is a word",
            &SHOOT,
            with(&shoot, mask, json!("wide")),
        ),
        attempt(
            "a setting that calico refuses",
            &SHOOT,
            with(
                &shoot,
                "/spec/networking/providerConfig",
                json!({
                    "apiVersion": "calico.networking.extensions.gardener.cloud/v1alpha1",
                    "kind": "NetworkConfig",
                    "backend": "smoke",
                }),
            ),
        ),
        attempt(
            "a name that is none",
            &SHOOT,
            with(&shoot, "/metadata/name", json!("Not A Name")),
        ),
        attempt("a Seed", &SEED, idle_seed(context, family)),
        attempt(
            "a Seed with a range that is none",
            &SEED,
            with(
                &idle_seed(context, family),
                "/spec/networks/pods",
                json!("x"),
            ),
        ),
        attempt(
            "a Seed of an unknown family",
            &SEED,
            with(
                &idle_seed(context, family),
                "/spec/networks/ipFamilies",
                json!(["ipv6"]),
            ),
        ),
        attempt(
            "a Seed whose services are its pods",
            &SEED,
            with(
                &idle_seed(context, family),
                "/spec/networks/services",
                json!(context.plan().of(family).pod_pool),
            ),
        ),
        attempt("a Network", &NETWORK, network.clone()),
        attempt(
            "a Network of nothing",
            &NETWORK,
            with(
                &network,
                "/spec",
                json!({"type": "", "podCIDR": "", "serviceCIDR": ""}),
            ),
        ),
        attempt(
            "a Network whose services are its pods",
            &NETWORK,
            with(
                &network,
                "/spec/serviceCIDR",
                network["spec"]["podCIDR"].clone(),
            ),
        ),
        attempt(
            "a Network with a number for a range",
            &NETWORK,
            with(&network, "/spec/podCIDR", json!(7)),
        ),
        attempt("a DNSRecord", &DNS_RECORD, record.clone()),
        attempt(
            "a DNSRecord of an unknown type",
            &DNS_RECORD,
            with(&record, "/spec/recordType", json!("SOA")),
        ),
        attempt(
            "a DNSRecord with values that are none",
            &DNS_RECORD,
            with(&record, "/spec/values", json!(["2001:db8::1", "x", "::g"])),
        ),
        attempt(
            "a DNSRecord of nothing",
            &DNS_RECORD,
            with(
                &record,
                "/spec",
                json!({"type": "", "secretRef": {"name": ""}, "name": "", "recordType": "",
                    "values": []}),
            ),
        ),
        attempt(
            "a DNSRecord with a mistyped field",
            &DNS_RECORD,
            with(&record, "/spec/recordTyp", json!("A")),
        ),
        attempt(
            "a DNSRecord with a negative time to live and an empty zone",
            &DNS_RECORD,
            with(
                &with(&record, "/spec/ttl", json!(-1)),
                "/spec/zone",
                json!(""),
            ),
        ),
    ];
    if let Some(seed) = seed {
        let mut shoot = with(&shoot, "/spec/seedName", json!(seed.metadata.name));
        attempts.push(attempt("a Shoot of a Seed", &SHOOT, shoot.clone()));
        let pods = shoot["spec"]["networking"]["pods"].clone();
        set(&mut shoot, "/spec/networking/nodes", pods);
        attempts.push(attempt(
            "a Shoot of a Seed with nodes among pods",
            &SHOOT,
            shoot.clone(),
        ));
        set(
            &mut shoot,
            "/spec/networking/pods",
            json!(seed.spec.networks.pods),
        );
        attempts.push(attempt("a Shoot with the pods of its Seed", &SHOOT, shoot));
    }
    attempts
}

fn changes(kind: &str) -> Vec<(&'static str, Value)> {
    let spec = |spec: Value| json!({ "spec": spec });
    let networking = |networking: Value| json!({"spec": {"networking": networking}});
    let mut changes = vec![(
        "a label",
        json!({"metadata": {"labels": {"parity": "yes"}}}),
    )];
    changes.extend(match kind {
        "Shoot" => vec![
            ("another region", spec(json!({"region": "elsewhere"}))),
            (
                "other pods",
                networking(json!({"pods": "2001:db8:77::/48"})),
            ),
            ("no services", networking(json!({"services": null}))),
            (
                "another networking type",
                networking(json!({"type": "cilium"})),
            ),
            (
                "the other order of families",
                networking(json!({"ipFamilies": ["IPv4", "IPv6"]})),
            ),
            ("no networking", spec(json!({"networking": null}))),
            (
                "another mask",
                spec(json!({"kubernetes": {"kubeControllerManager": {"nodeCIDRMaskSize": 26}}})),
            ),
        ],
        "Network" => vec![
            (
                "another configuration",
                spec(json!({"providerConfig": {"a": "b"}})),
            ),
            ("other pods", spec(json!({"podCIDR": "2001:db8:77::/48"}))),
            ("another type", spec(json!({"type": "other"}))),
            (
                "both families",
                spec(json!({"ipFamilies": ["IPv6", "IPv4"]})),
            ),
        ],
        _ => vec![
            ("other values", spec(json!({"values": ["2001:db8::2"]}))),
            ("another type of record", spec(json!({"recordType": "A"}))),
            (
                "another name",
                spec(json!({"name": "other.example.com", "type": "other"})),
            ),
        ],
    });
    changes
}
