//! The families of the Gardener kinds: defaults, gates, lists, transitions.
//!
//! Nothing here may reach a controller: objects are only rehearsed, or name a type that nobody
//! serves.

use serde_json::json;

use super::support::{
    Refusal, SHOOT, accepts_dual, accepts_ipv6, family_names, idle_shoot, list_of_texts, set,
    single_stacks, text,
};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Need, Stop, check},
    net::{Families, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "API-01",
            Area::Api,
            "a Shoot that says nothing about families is IPv4",
            default_families,
        )
        .lane(Lane::Smoke)
        .purpose(
            "GEP-21: ipFamilies defaults to [IPv4], is stored, and reads back \
             unchanged after an unrelated update.",
        ),
        Case::new(
            "API-02",
            Area::Api,
            "without the feature gate no Shoot is IPv6",
            gate_closed,
        )
        .purpose(
            "GEP-21: with the gate IPv6SingleStack closed a Shoot with [IPv6] is \
             refused at spec.networking.ipFamilies.",
        ),
        Case::new(
            "API-05",
            Area::Api,
            "two families are refused or accepted as the profile says",
            two_families,
        )
        .purpose(
            "GEP-21 refuses [IPv4, IPv6] and [IPv6, IPv4] at ipFamilies; the \
             upstream profile accepts both and keeps the order.",
        ),
        Case::new(
            "API-08",
            Area::Api,
            "the family of a Shoot cannot be exchanged",
            transition,
        )
        .purpose(
            "GEP-21: a Shoot of one family cannot become one of the other, in \
             whichever direction.",
        ),
        Case::new(
            "API-18",
            Area::Api,
            "families that do not exist or repeat are refused by index",
            unknown_family,
        )
        .purpose(
            "An unknown word in ipFamilies is NotSupported, a repeated one is \
             Duplicate, both at their index.",
        ),
    ]
    .into_iter()
    .map(|case| case.needs(&[Need::Admission]))
    .collect()
}

async fn default_families(context: Context) -> CaseResult {
    context.step("make a Shoot without ipFamilies");
    let mut object = idle_shoot(&context, "silent", IpFamily::V4);
    if let Some(networking) = object["spec"]["networking"].as_object_mut() {
        networking.shift_remove("ipFamilies");
    }
    context.create(&SHOOT, object).await?;
    context.step("read it back");
    let api = context.namespaced(&SHOOT);
    let expected = vec![IpFamily::V4.to_string()];
    let found = context.read(&api, &SHOOT, "silent").await?;
    let place = "/spec/networking/ipFamilies";
    check::equal("ipFamilies", &expected, &list_of_texts(&found, place))?;
    context.step("change something else");
    let change = json!({"spec": {"purpose": "evaluation"}});
    Refusal::none("the change", context.change(&api, "silent", change).await?)?;
    let found = context.read(&api, &SHOOT, "silent").await?;
    check::equal("ipFamilies", &expected, &list_of_texts(&found, place))?;
    check::equal(
        "purpose",
        &Some("evaluation"),
        &text(&found, "/spec/purpose"),
    )
}

async fn gate_closed(context: Context) -> CaseResult {
    if accepts_ipv6(&context) {
        return Err(Stop::not_applicable(
            "the gate IPv6SingleStack is open, or the profile has none",
        ));
    }
    context.step("ask for an IPv6 Shoot");
    let api = context.namespaced(&SHOOT);
    let object = idle_shoot(&context, "early", IpFamily::V6);
    let result = context.rehearse(&api, &SHOOT, object).await?;
    Refusal::blames("[IPv6]", result, &["spec.networking.ipFamilies"]).map(drop)
}

async fn two_families(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for primary in [IpFamily::V6, IpFamily::V4] {
        let families = family_names(Families::dual(primary));
        context.step(&format!("ask for {families:?}"));
        let mut object = idle_shoot(&context, "dual", primary);
        set(&mut object, "/spec/networking/ipFamilies", json!(families));
        let result = context.rehearse(&api, &SHOOT, object).await?;
        if accepts_dual(&context) {
            let made = serde_json::to_value(Refusal::none("two families", result)?)?;
            check::equal(
                "ipFamilies",
                &families,
                &list_of_texts(&made, "/spec/networking/ipFamilies"),
            )?;
        } else {
            Refusal::blames("two families", result, &["spec.networking.ipFamilies"])?;
        }
    }
    Ok(())
}

async fn transition(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for family in single_stacks(&context) {
        context.arrange(&format!("make an {family} Shoot"));
        let name = format!("from-{}", family.to_string().to_lowercase());
        context
            .create(&SHOOT, idle_shoot(&context, &name, family))
            .await?;
        context.step(&format!("exchange {family} for {}", family.other()));
        let change = json!({"spec": {"networking": {"ipFamilies": [family.other()]}}});
        let result = context.change(&api, &name, change).await?;
        let refusal = Refusal::expect("another family", result)?;
        check::that(
            refusal.message.contains("spec.networking.ipFamilies"),
            "the refusal",
            "spec.networking.ipFamilies in it",
            &refusal.message,
        )?;
        let found = context.read(&api, &SHOOT, &name).await?;
        check::equal(
            "ipFamilies",
            &vec![family.to_string()],
            &list_of_texts(&found, "/spec/networking/ipFamilies"),
        )?;
    }
    Ok(())
}

async fn unknown_family(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for (families, blamed) in [
        (json!(["IPv5"]), vec!["spec.networking.ipFamilies[0]"]),
        (json!(["ipv6"]), vec!["spec.networking.ipFamilies[0]"]),
        (
            json!(["IPv4", "IPv4"]),
            vec!["spec.networking.ipFamilies[1]"],
        ),
    ] {
        context.step(&format!("ask for {families}"));
        let mut object = idle_shoot(&context, "strange", IpFamily::V4);
        set(&mut object, "/spec/networking/ipFamilies", families.clone());
        let result = context.rehearse(&api, &SHOOT, object).await?;
        Refusal::blames(&families.to_string(), result, &blamed)?;
    }
    Ok(())
}
