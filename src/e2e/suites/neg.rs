//! Refusals of the API server itself.

use kube::api::{DeleteParams, PostParams};
use serde_json::json;

use super::support::{CONFIG_MAP, NAMESPACE, Refusal, SHOOT, has_no_finalizer, set, shoot};
use crate::e2e::{Area, Case, CaseResult, Context, Look, Need, TimeoutClass, check};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "NEG-04",
            Area::Neg,
            "a refusal names the object, the field and the value",
            verbatim,
        )
        .needs(&[Need::Admission])
        .purpose(
            "What admission says about a Shoot reaches the client: kind, name, \
             field path and the bad value are in the message.",
        ),
        Case::new(
            "NEG-13",
            Area::Neg,
            "nothing is made in a namespace that does not exist",
            unknown_namespace,
        )
        .purpose(
            "Creating an object in an unknown namespace is 404 and names the \
             namespace.",
        ),
        Case::new(
            "NEG-14",
            Area::Neg,
            "an update from a stale reading is a conflict",
            stale,
        )
        .purpose(
            "Two readers update one object; the second one is refused with 409 and \
             the object keeps what the first one wrote.",
        ),
        Case::new(
            "NEG-15",
            Area::Neg,
            "a finalizer holds an object until it is taken away",
            finalizer,
        )
        .purpose(
            "A deleted object with a finalizer stays with a deletion time, cannot \
             get another finalizer, and is gone when the last one is taken away.",
        ),
        Case::new("NEG-16", Area::Neg, "a name is given once", same_name).purpose(
            "A second object of the same name is 409 AlreadyExists; after deletion \
             the name can be used and the object is another one.",
        ),
        Case::new(
            "NEG-17",
            Area::Neg,
            "names that could not be domain labels are refused",
            bad_names,
        )
        .purpose(
            "Namespaces named with upper case, underscores, slashes or 64 letters \
             are refused at metadata.name.",
        ),
    ]
}

async fn verbatim(context: Context) -> CaseResult {
    context.step("ask for a Shoot with a range that is none");
    let value = "this-is-no-cidr";
    let mut object = shoot(&context, "wrong");
    set(&mut object, "/spec/networking/services", json!(value));
    let api = context.namespaced(&SHOOT);
    let result = context.rehearse(&api, &SHOOT, object).await?;
    let refusal = Refusal::blames("no range", result, &["spec.networking.services"])?;
    for word in ["Shoot", "wrong", "spec.networking.services", value] {
        check::that(
            refusal.message.contains(word),
            "the message",
            word,
            &refusal.message,
        )?;
    }
    Ok(())
}

async fn unknown_namespace(context: Context) -> CaseResult {
    let name = context.unique("e2e-nowhere");
    context.step("make an object in a namespace that does not exist");
    let api = context.inside(&name, &CONFIG_MAP);
    let object = context.manifest(&CONFIG_MAP, json!({"metadata": {"name": "lost"}}))?;
    let result = Refusal::of(api.create(&PostParams::default(), &object).await)?;
    let refusal = Refusal::expect("an unknown namespace", result)?;
    check::equal("code", &404, &refusal.code)?;
    check::that(
        refusal.message.contains(&name),
        "the message",
        &name,
        &refusal.message,
    )?;
    context.step("see that the namespace did not come into being");
    let found = context.everywhere(&NAMESPACE).get_opt(&name).await?;
    check::that(found.is_none(), "the namespace", "absent", "there")
}

async fn stale(context: Context) -> CaseResult {
    let api = context.namespaced(&CONFIG_MAP);
    context.arrange("make an object and read it twice");
    let object = json!({"metadata": {"name": "shared"}, "data": {"who": "nobody"}});
    context.create(&CONFIG_MAP, object).await?;
    let (mut first, mut second) = (api.get("shared").await?, api.get("shared").await?);
    context.step("update it from the first reading");
    first.data["data"]["who"] = json!("first");
    api.replace("shared", &PostParams::default(), &first)
        .await?;
    context.step("update it from the second reading");
    second.data["data"]["who"] = json!("second");
    let result = api.replace("shared", &PostParams::default(), &second).await;
    let refusal = Refusal::expect("a stale update", Refusal::of(result)?)?;
    check::equal("code", &409, &refusal.code)?;
    check::equal("reason", &"Conflict".to_owned(), &refusal.reason)?;
    let found = context.read(&api, &CONFIG_MAP, "shared").await?;
    check::equal("what is stored", &json!("first"), &found["data"]["who"])
}

async fn finalizer(context: Context) -> CaseResult {
    let api = context.namespaced(&CONFIG_MAP);
    context.arrange("make an object with a finalizer");
    let holder = "e2e.garden6.dev/hold";
    let object = json!({"metadata": {"name": "held", "finalizers": [holder]}});
    context.create(&CONFIG_MAP, object).await?;
    context.step("delete it");
    drop(api.delete("held", &DeleteParams::default()).await?);
    context
        .consistently("the object stays, marked", || async {
            let found = api.get_opt("held").await?;
            let marked = found
                .as_ref()
                .is_some_and(|object| object.metadata.deletion_timestamp.is_some());
            Ok(Look::when(marked, (), || match found {
                Some(_) => "it is not marked".to_owned(),
                None => "it is gone".to_owned(),
            }))
        })
        .await?;
    context.step("add another finalizer");
    let change = json!({"metadata": {"finalizers": [holder, "e2e.garden6.dev/more"]}});
    let result = context.change(&api, "held", change).await?;
    let refusal = Refusal::expect("another finalizer", result)?;
    check::that(
        matches!(refusal.code, 403 | 422),
        "code",
        "422 or 403",
        refusal.code.to_string(),
    )?;
    context.step("take the finalizer away");
    let change = json!({"metadata": {"finalizers": null}});
    let last = Refusal::none("the change", context.change(&api, "held", change).await?)?;
    check::that(has_no_finalizer(&last), "finalizers", "none", "some")?;
    context.gone(&api, "held", TimeoutClass::Api).await
}

async fn same_name(context: Context) -> CaseResult {
    let api = context.namespaced(&CONFIG_MAP);
    context.step("make an object twice");
    let object = || json!({"metadata": {"name": "single"}});
    let first = context.create(&CONFIG_MAP, object()).await?;
    let manifest = context.manifest(&CONFIG_MAP, object())?;
    let result = Refusal::of(api.create(&PostParams::default(), &manifest).await)?;
    let refusal = Refusal::expect("a second object", result)?;
    check::equal("code", &409, &refusal.code)?;
    check::equal("reason", &"AlreadyExists".to_owned(), &refusal.reason)?;
    context.step("delete it and make it again");
    context.remove(&api, "single", TimeoutClass::Api).await?;
    let second = context.create(&CONFIG_MAP, object()).await?;
    check::that(
        first.metadata.uid != second.metadata.uid,
        "uid of the second object",
        "another one",
        format!("{:?}", second.metadata.uid),
    )
}

async fn bad_names(context: Context) -> CaseResult {
    let api = context.everywhere(&NAMESPACE);
    let long = "a".repeat(64);
    for name in ["Upper", "under_score", "-dash", "dash-", "dot.ted", &long] {
        context.step(&format!("ask for namespace `{name}`"));
        let object = json!({"metadata": {"name": name}});
        let result = context.rehearse(&api, &NAMESPACE, object).await?;
        let refusal = Refusal::expect(&format!("namespace `{name}`"), result)?;
        check::equal("code", &422, &refusal.code)?;
        // The label with the name may be to blame as well.
        check::that(
            refusal.fields.iter().any(|field| field == "metadata.name"),
            "fields of the refusal",
            "metadata.name",
            format!("{:?}", refusal.fields),
        )?;
    }
    Ok(())
}
