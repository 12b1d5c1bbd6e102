//! Pods and their addresses.

use kube::api::ListParams;
use serde_json::{Value, json};

use super::support::{NODE, POD, family_names, list_of_texts, pod_ips};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Need, Stop, TimeoutClass, check},
    net::{Cidr, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "POD-01",
            Area::Pod,
            "a pod has an address per family, in order, from its node's ranges",
            addresses,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::RealPods])
        .timeout(TimeoutClass::Pull)
        .purpose(
            "status.podIPs has one address per family of the environment in order, \
             podIP is the first, and all are inside the pod range of the plan.",
        ),
        Case::new(
            "POD-06",
            Area::Pod,
            "pods of one node have different addresses",
            distinct,
        )
        .needs(&[Need::RealPods])
        .timeout(TimeoutClass::Pull)
        .purpose("Ten pods that start together have ten different addresses per family."),
    ]
}

/// An image that every node has already, so that nothing is pulled: the smallest one that does
/// nothing but wait.
async fn waiting_image(context: &Context) -> CaseResult<String> {
    let nodes = context
        .everywhere(&NODE)
        .list(&ListParams::default())
        .await?;
    let images: Vec<String> = nodes
        .items
        .iter()
        .flat_map(|node| {
            let images = node
                .data
                .pointer("/status/images")
                .and_then(Value::as_array);
            images.into_iter().flatten()
        })
        .flat_map(|image| list_of_texts(image, "/names"))
        .collect();
    images
        .iter()
        .find(|name| name.contains("/pause") && !name.contains('@'))
        .or_else(|| images.iter().find(|name| name.contains("/pause")))
        .cloned()
        .ok_or_else(|| Stop::broken(format!("no node has a pause image, only {images:?}")))
}

fn pod(name: &str, image: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "tolerations": [{"operator": "Exists"}],
            // The pod does not call the API, so it need not wait for a token.
            "automountServiceAccountToken": false,
            "containers": [{"name": "wait", "image": image, "imagePullPolicy": "IfNotPresent"}],
        },
    })
}

async fn addresses(context: Context) -> CaseResult {
    context.arrange("find an image that is there");
    let image = waiting_image(&context).await?;
    context.step("start a pod");
    context.create(&POD, pod("one", &image)).await?;
    let addresses = pod_ips(&context, "one").await?;
    context.step("compare its addresses with the plan");
    let families: Vec<String> = addresses
        .iter()
        .map(|address| IpFamily::of(*address).to_string())
        .collect();
    check::equal(
        "families of podIPs",
        &family_names(context.families()),
        &families,
    )?;
    for address in addresses {
        let range: Cidr = context.plan().of(IpFamily::of(address)).pods;
        check::that(
            range.contains(address),
            "podIP",
            format!("an address in {range}"),
            address.to_string(),
        )?;
    }
    Ok(())
}

async fn distinct(context: Context) -> CaseResult {
    context.arrange("find an image that is there");
    let image = waiting_image(&context).await?;
    context.step("start ten pods");
    let names: Vec<String> = (0..10).map(|number| format!("pod-{number}")).collect();
    for name in &names {
        context.create(&POD, pod(name, &image)).await?;
    }
    context.step("compare their addresses");
    let mut taken = Vec::new();
    for name in &names {
        taken.extend(pod_ips(&context, name).await?);
    }
    let count = taken.len();
    taken.sort();
    taken.dedup();
    check::equal("different addresses", &count, &taken.len())
}
