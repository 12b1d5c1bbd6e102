//! Names: the record sets of Shoots, and records as objects.

use kube::api::ListParams;
use serde_json::{Value, json};

use super::support::{DNS_RECORD, Refusal, owned_text, shoot_families, text};
use crate::{
    api::gates::ApiProfile,
    e2e::{Area, Case, CaseResult, Context, Lane, Look, Need, TimeoutClass, check},
    net::{Families, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "DNS-03",
            Area::Dns,
            "the API server of a Shoot has address records of its families",
            records,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::Stack, Need::LoadBalancers])
        .timeout(TimeoutClass::ShootUp)
        .purpose(
            "GEP-21: internal and external record sets exist per family (AAAA for \
             IPv6, A for IPv4) with the environment's load balancer address, under \
             the names that the Shoot advertises; AAAA objects carry the suffix of \
             the GEP in its profile.",
        ),
        Case::new(
            "DNS-04",
            Area::Dns,
            "an address of a record may be written in long form",
            long_form,
        )
        .needs(&[Need::Admission])
        .purpose(
            "`2001:db8:0:0:0:0:0:1` is accepted, is equal to the canonical form as \
             an address, and can be replaced by it.",
        ),
        Case::new(
            "DNS-10",
            Area::Dns,
            "records tell DNS extensions which families are behind a name",
            ip_stack,
        )
        .needs(&[Need::Stack, Need::LoadBalancers])
        .timeout(TimeoutClass::ShootUp)
        .purpose(
            "Every DNSRecord of a Shoot is annotated with \
             dns.gardener.cloud/ip-stack: ipv4, ipv6 or dual-stack.",
        ),
    ]
}

fn record_type(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "A",
        IpFamily::V6 => "AAAA",
    }
}

/// A Shoot's record sets once it is ready.
async fn records_of(context: &Context, name: &str) -> CaseResult<(Value, Vec<Value>)> {
    let (ready, namespace) = context.ready_shoot(name).await?;
    let list = context
        .inside(&namespace, &DNS_RECORD)
        .list(&ListParams::default())
        .await?;
    let records = list
        .items
        .into_iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    Ok((ready, records))
}

async fn records(context: Context) -> CaseResult {
    let families = shoot_families(context.target());
    let (ready, records) = records_of(&context, "named").await?;
    context.step("compare the records with families, addresses and names");
    let suffixed = context.target().profile == ApiProfile::Gep21;
    for role in ["internal", "external"] {
        let advertised = advertised_host(&ready, role)?;
        for family in families.iter() {
            let suffix = if suffixed && family == IpFamily::V6 {
                "-aaaa"
            } else {
                ""
            };
            // Without a suffix both families want the same name, which only single-stack survives.
            if families.is_dual() && !suffixed {
                continue;
            }
            let name = format!("named-{role}{suffix}");
            let record = records
                .iter()
                .find(|record| text(record, "/metadata/name") == Some(&*name));
            let record = check::present(format!("DNSRecord {name}"), record)?;
            check::equal(
                format!("recordType of {name}"),
                &Some(record_type(family)),
                &text(record, "/spec/recordType"),
            )?;
            check::equal(
                format!("values of {name}"),
                &json!([context.plan().of(family).load_balancer]),
                &record["spec"]["values"],
            )?;
            check::equal(
                format!("name of {name}"),
                &Some(&*advertised),
                &text(record, "/spec/name"),
            )?;
            check::equal(
                format!("last operation of {name}"),
                &Some("Succeeded"),
                &text(record, "/status/lastOperation/state"),
            )?;
        }
    }
    context.step("look for records of families that the Shoot lacks");
    let strangers: Vec<&Value> = records
        .iter()
        .filter(|record| {
            !families
                .iter()
                .any(|family| text(record, "/spec/recordType") == Some(record_type(family)))
        })
        .map(|record| &record["metadata"]["name"])
        .collect();
    check::none("records of other types", &strangers)
}

/// The host in the advertised address of a Shoot.
fn advertised_host(shoot: &Value, role: &str) -> CaseResult<String> {
    let addresses = shoot
        .pointer("/status/advertisedAddresses")
        .and_then(Value::as_array);
    let url = addresses
        .into_iter()
        .flatten()
        .find(|address| address["name"] == role)
        .and_then(|address| address["url"].as_str());
    let url = check::present(format!("advertised address `{role}`"), url)?;
    let host = url.strip_prefix("https://").unwrap_or(url);
    Ok(host.to_owned())
}

async fn long_form(context: Context) -> CaseResult {
    let (long, short) = ("2001:db8:0:0:0:0:0:1", "2001:db8::1");
    let api = context.namespaced(&DNS_RECORD);
    context.step("make a record with an address in long form");
    let object = json!({
        "metadata": {"name": "long"},
        "spec": {
            "type": "e2e-nobody",
            "secretRef": {"name": "none", "namespace": "none"},
            "name": "api.e2e.example.com",
            "recordType": "AAAA",
            "values": [long],
        },
    });
    context.create(&DNS_RECORD, object).await?;
    let stored = context.read(&api, &DNS_RECORD, "long").await?;
    let stored = owned_text(&stored, "/spec/values/0")?;
    check::equal(
        "the address that was stored",
        &short.parse::<std::net::IpAddr>().ok(),
        &stored.parse().ok(),
    )?;
    context.step("replace it by the canonical form");
    let change = json!({"spec": {"values": [short]}});
    Refusal::none("the change", context.change(&api, "long", change).await?).map(drop)
}

async fn ip_stack(context: Context) -> CaseResult {
    let families = shoot_families(context.target());
    let (_, records) = records_of(&context, "hinted").await?;
    context.step("read the annotations");
    check::that(
        !records.is_empty(),
        "DNSRecords of the Shoot",
        "some",
        "none",
    )?;
    for record in &records {
        let name = owned_text(record, "/metadata/name")?;
        check::equal(
            format!("dns.gardener.cloud/ip-stack of {name}"),
            &Some(stack_word(families)),
            &text(record, "/metadata/annotations/dns.gardener.cloud~1ip-stack"),
        )?;
    }
    context.step("see that nobody takes them away");
    let namespace = owned_text(&records[0], "/metadata/namespace")?;
    let api = context.inside(&namespace, &DNS_RECORD);
    context
        .consistently("the records stay", || async {
            let found = api.list(&ListParams::default()).await?.items.len();
            Ok(Look::when(found == records.len(), (), || {
                format!("{found} records")
            }))
        })
        .await
}

fn stack_word(families: Families) -> &'static str {
    if families.is_dual() {
        "dual-stack"
    } else {
        match families.primary() {
            IpFamily::V4 => "ipv4",
            IpFamily::V6 => "ipv6",
        }
    }
}
