//! Pods that send and answer, and what became of them.

use std::net::{IpAddr, SocketAddr};

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    api::{ListParams, LogParams},
};
use serde_json::{Value, json};

use super::{DEPLOYMENT, NODE, POD, owned_text, text};
use crate::{
    e2e::{
        CaseResult, Context, Look, Stop, TimeoutClass, check,
        probe::{Answer, PORT},
    },
    net::IpFamily,
};

/// Where the stack runs, whose image every node can pull.
const STACK: (&str, &str) = ("garden6-system", "garden6");

/// The addresses of a pod once it has them.
pub(in crate::e2e) async fn pod_ips(context: &Context, name: &str) -> CaseResult<Vec<IpAddr>> {
    let api = context.namespaced(&POD);
    let wanted = context.families().iter().count();
    let pod = context
        .eventually(
            &format!("pod {name} has addresses"),
            TimeoutClass::Rollout,
            || async {
                let pod = serde_json::to_value(api.get(name).await?).unwrap_or_default();
                let count = pod
                    .pointer("/status/podIPs")
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len);
                let phase = text(&pod, "/status/phase").unwrap_or("?").to_owned();
                let waiting = text(&pod, "/status/containerStatuses/0/state/waiting/reason")
                    .unwrap_or("")
                    .to_owned();
                Ok(Look::when(count >= wanted, pod, || {
                    format!("{phase}, {count} addresses {waiting}")
                }))
            },
        )
        .await?;
    let addresses: Vec<IpAddr> = pod
        .pointer("/status/podIPs")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["ip"].as_str()?.parse().ok())
        .collect();
    check::equal(
        "podIP",
        &addresses.first().copied(),
        &owned_text(&pod, "/status/podIP")?.parse().ok(),
    )?;
    Ok(addresses)
}

/// The image of the stack, which holds the program that probes.
pub(in crate::e2e) async fn stack_image(context: &Context) -> CaseResult<String> {
    let (namespace, name) = STACK;
    let deployment = context.inside(namespace, &DEPLOYMENT).get(name).await?;
    owned_text(
        &serde_json::to_value(deployment)?,
        "/spec/template/spec/containers/0/image",
    )
}

/// The names of the nodes, in order.
pub(in crate::e2e) async fn node_names(context: &Context) -> CaseResult<Vec<String>> {
    let nodes = context
        .everywhere(&NODE)
        .list(&ListParams::default())
        .await?;
    let mut names: Vec<String> = nodes
        .into_iter()
        .filter_map(|node| node.metadata.name)
        .collect();
    names.sort();
    Ok(names)
}

fn probe(name: &str, node: &str, image: &str, args: &[String]) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"probe": name.trim_end_matches(char::is_numeric)}},
        "spec": {
            "nodeName": node,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            // The pod does not call the API, so it need not wait for a token.
            "automountServiceAccountToken": false,
            "tolerations": [{"operator": "Exists"}],
            "containers": [{
                "name": "probe",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "args": args,
            }],
        },
    })
}

/// Starts a listener on a node and returns its addresses once it runs. Listeners of one name but
/// for the number at its end share the label `probe`.
pub(in crate::e2e) async fn listener(
    context: &Context,
    name: &str,
    node: &str,
) -> CaseResult<Vec<IpAddr>> {
    let image = stack_image(context).await?;
    image_listener(context, name, node, &image).await
}

/// The same from another image that holds the program.
pub(in crate::e2e) async fn image_listener(
    context: &Context,
    name: &str,
    node: &str,
    image: &str,
) -> CaseResult<Vec<IpAddr>> {
    let args = words(&["probe", "listen", "--name", name]);
    context
        .create(&POD, probe(name, node, image, &args))
        .await?;
    let addresses = pod_ips(context, name).await?;
    // A Service takes a pod up once it is ready, not once it runs.
    wait_until(context, name, "is ready", |pod| {
        pod.pointer("/status/containerStatuses/0/ready") == Some(&json!(true))
    })
    .await?;
    Ok(addresses)
}

/// Calls `targets` from a pod on a node, with `options` of `garden6 probe call`, and returns the
/// answers in the order of the calls.
pub(in crate::e2e) async fn call(
    context: &Context,
    name: &str,
    node: &str,
    targets: &[SocketAddr],
    options: &[&str],
) -> CaseResult<Vec<Answer>> {
    let image = stack_image(context).await?;
    let mut args = words(&["probe", "call"]);
    args.extend(words(options));
    args.extend(targets.iter().map(ToString::to_string));
    context
        .create(&POD, probe(name, node, &image, &args))
        .await?;
    let phase = |pod: &Value| text(pod, "/status/phase").unwrap_or_default().to_owned();
    let pod = wait_until(context, name, "has ended", |pod| {
        matches!(phase(pod).as_str(), "Succeeded" | "Failed")
    })
    .await?;
    let api: Api<Pod> = Api::namespaced(context.client(), context.namespace());
    let log = api.logs(name, &LogParams::default()).await?;
    check::that(
        phase(&pod) == "Succeeded",
        format!("calls of pod {name}"),
        "answers",
        log.clone(),
    )?;
    log.lines()
        .map(|line| serde_json::from_str(line).map_err(Stop::from))
        .collect()
}

/// Where a listener with these addresses is called, one target per family.
pub(in crate::e2e) fn targets(addresses: &[IpAddr]) -> Vec<SocketAddr> {
    addresses
        .iter()
        .map(|address| SocketAddr::new(*address, PORT))
        .collect()
}

/// The address of a family among those of a pod.
pub(in crate::e2e) fn of_family(addresses: &[IpAddr], family: IpFamily) -> CaseResult<IpAddr> {
    let found = addresses
        .iter()
        .copied()
        .find(|address| IpFamily::of(*address) == family);
    check::present(format!("{family} address"), found)
}

async fn wait_until(
    context: &Context,
    name: &str,
    what: &str,
    holds: impl Fn(&Value) -> bool + Send + Sync,
) -> CaseResult<Value> {
    let api = context.namespaced(&POD);
    context
        .eventually(
            &format!("pod {name} {what}"),
            TimeoutClass::Rollout,
            || async {
                let pod = serde_json::to_value(api.get(name).await?).unwrap_or_default();
                let phase = text(&pod, "/status/phase").unwrap_or("?");
                let reason = text(&pod, "/status/containerStatuses/0/state/waiting/reason")
                    .unwrap_or_default();
                let seen = format!("{phase} {reason}");
                Ok(Look::when(holds(&pod), pod, || seen))
            },
        )
        .await
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
