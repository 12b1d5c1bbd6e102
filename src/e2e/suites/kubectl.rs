//! What people do by hand, with the real program.

use std::path::Path;

use serde_json::Value;

use super::support::{SHOOT, owned_text};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Need, Scope, Stop, TimeoutClass, check},
    net::IpFamily,
    process::Command,
    yaml,
};

/// A Shoot as a reader of GEP-21 writes it for the local IPv6 environment.
const EXAMPLE: &str = include_str!("example-shoot-ipv6.yaml");
/// The name in the example.
const NAME: &str = "local";

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "SHO-18",
            Area::Shoot,
            "the example Shoot works with kubectl as it is",
            example,
        )
        .scope(Scope::Only(IpFamily::V6))
        .needs(&[Need::Stack, Need::LoadBalancers, Need::Kubectl])
        .timeout(TimeoutClass::ShootUp)
        .purpose(
            "kubectl creates the unmodified example, waits until its last operation \
             succeeded, shows it in a table, says that nothing changes when it is \
             applied again, and deletes it.",
        ),
        Case::new(
            "NEG-18",
            Area::Neg,
            "kubectl shows what is wrong with a Shoot",
            refused,
        )
        .scope(Scope::Only(IpFamily::V6))
        .needs(&[Need::Admission, Need::Kubectl])
        .timeout(TimeoutClass::Rollout)
        .purpose(
            "The example with an IPv4 pod range is refused by kubectl apply with \
             the field and the value on standard error.",
        ),
    ]
}

/// Runs kubectl in the namespace of the attempt.
async fn kubectl(context: &Context, arguments: &[&str], input: &str) -> CaseResult<String> {
    run(context, arguments, input).await?.map_err(Stop::failed)
}

/// The same, with the failure of kubectl itself as a value.
async fn run(
    context: &Context,
    arguments: &[&str],
    input: &str,
) -> CaseResult<Result<String, String>> {
    let target = context.target();
    let (Some(program), Some(config)) = (&target.kubectl, &target.kubeconfig) else {
        return Err(Stop::broken("there is no kubectl or no kubeconfig"));
    };
    context.note(format!("kubectl {}", arguments.join(" ")));
    let common = [
        "--kubeconfig",
        text_of(config)?,
        "--namespace",
        context.namespace(),
    ];
    let output = Command::new(program)
        .args(common)
        .args(arguments.iter().copied())
        .env(
            "KUBECACHEDIR",
            std::env::temp_dir().join("garden6-e2e-kubectl"),
        )
        .timeout(context.limit(TimeoutClass::Rollout))
        .stdin(input)
        .run()
        .await;
    match output {
        Ok(output) => {
            context.note(output.stdout.trim_end());
            Ok(Ok(output.stdout))
        }
        Err(error) => {
            context.note(error.to_string());
            Ok(Err(error.to_string()))
        }
    }
}

fn text_of(path: &Path) -> CaseResult<&str> {
    path.to_str()
        .ok_or_else(|| Stop::broken("the path of the kubeconfig is no text"))
}

async fn example(context: Context) -> CaseResult {
    context.step("create the example");
    let made = kubectl(&context, &["create", "--filename", "-"], EXAMPLE).await?;
    check::that(
        made.contains(&format!("shoot.core.gardener.cloud/{NAME} created")),
        "what kubectl says",
        "created",
        made,
    )?;
    context.step("wait until it is ready");
    kubectl(
        &context,
        &[
            "wait",
            "--for=jsonpath={.status.lastOperation.state}=Succeeded",
            "--timeout=170s",
            &format!("shoot/{NAME}"),
        ],
        "",
    )
    .await?;
    let ready = context.shoot_ready(NAME).await?;
    context.step("compare it with the example");
    let sent: Value =
        yaml::parse(EXAMPLE, "the example").map_err(|error| Stop::broken(error.to_string()))?;
    for place in [
        "/spec/networking/ipFamilies",
        "/spec/networking/type",
        "/spec/networking/nodes",
        "/spec/provider/type",
    ] {
        check::equal(place, &sent.pointer(place), &ready.pointer(place))?;
    }
    context.step("show it");
    let table = kubectl(&context, &["get", "shoots"], "").await?;
    let header = table.lines().next().unwrap_or_default();
    for column in ["NAME", "PROVIDER", "LAST OPERATION", "STATUS"] {
        check::that(
            header.contains(column),
            "header of the table",
            column,
            header,
        )?;
    }
    let seed = owned_text(&ready, "/spec/seedName")?;
    let wide = kubectl(&context, &["get", "shoots", "--output", "wide"], "").await?;
    check::that(wide.contains(&seed), "the wide table", &seed, wide)?;
    context.step("apply it again");
    let applied = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--filename",
        "-",
    ];
    kubectl(&context, &applied, EXAMPLE).await?;
    let generation = |shoot: &Value| shoot.pointer("/metadata/generation").cloned();
    let after = context
        .read(&context.namespaced(&SHOOT), &SHOOT, NAME)
        .await?;
    check::equal("generation", &generation(&ready), &generation(&after))?;
    context.step("delete it");
    kubectl(
        &context,
        &["delete", "--timeout=170s", &format!("shoot/{NAME}")],
        "",
    )
    .await?;
    let found = context.namespaced(&SHOOT).get_opt(NAME).await?;
    check::that(found.is_none(), "the Shoot", "gone", "still there")
}

async fn refused(context: Context) -> CaseResult {
    let wrong = context.plan().v4.shoot_pods.to_string();
    let mut object: Value =
        yaml::parse(EXAMPLE, "the example").map_err(|error| Stop::broken(error.to_string()))?;
    object["spec"]["networking"]["pods"] = Value::from(wrong.clone());
    let manifest = yaml::emit(&object);
    context.step("apply a Shoot with a range of the wrong family");
    let Err(message) = run(&context, &["apply", "--filename", "-"], &manifest).await? else {
        return Err(Stop::failed(
            "kubectl applied a Shoot with a range of the wrong family",
        ));
    };
    for word in ["spec.networking.pods", &*wrong] {
        check::that(message.contains(word), "what kubectl says", word, &message)?;
    }
    Ok(())
}
