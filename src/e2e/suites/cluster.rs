//! The cluster itself: nodes, the API server's own Service, definitions, namespaces.

use std::net::IpAddr;

use kube::api::ListParams;
use serde_json::{Value, json};

use super::support::{
    CONFIG_MAP, DEFINITION, ENDPOINTS, NAMESPACE, NODE, SERVICE, family_names, list_of_texts,
    owned_text, text,
};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Look, Need, Stop, TimeoutClass, check},
    net::{Cidr, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "CLU-01",
            Area::Cluster,
            "nodes are Ready and have InternalIPs of the families in order",
            nodes,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::Nodes(1)])
        .timeout(TimeoutClass::Rollout)
        .without_namespace()
        .purpose(
            "GEP-21: every node is Ready; its InternalIPs are one per family of the \
             environment, in order, inside the Docker network of the plan, and \
             there is no other.",
        ),
        Case::new(
            "CLU-04",
            Area::Cluster,
            "the API server's Service has the first address of the service range",
            api_server_service,
        )
        .lane(Lane::Smoke)
        .without_namespace()
        .purpose(
            "The clusterIP of default/kubernetes is the first address of the \
             primary service range, and its family is the primary one.",
        ),
        Case::new(
            "CLU-16",
            Area::Cluster,
            "the endpoints of the API server are of the primary family",
            api_server_endpoints,
        )
        .needs(&[Need::RealPackets])
        .without_namespace()
        .purpose(
            "GEP-21: the API server advertises an address of the primary family. An \
             embedded one listens on loopback, which no Endpoints may hold.",
        ),
        Case::new(
            "CLU-05",
            Area::Cluster,
            "the kubeconfig leads to the API server over the primary family",
            kubeconfig,
        )
        .without_namespace()
        .purpose(
            "The server in the written kubeconfig is a URL whose host is a name or \
             a literal of the primary family; a client made from the file alone, \
             without any proxy, is let in.",
        ),
        Case::new(
            "CLU-13",
            Area::Cluster,
            "the Gardener kinds are defined and established",
            definitions,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::Admission])
        .without_namespace()
        .purpose(
            "Every kind that the GEP's manifests use has an established definition \
             that serves the version of those manifests, under the upstream group \
             and plural.",
        ),
        Case::new(
            "CLU-14",
            Area::Cluster,
            "a deleted namespace takes everything in it along",
            namespace_deletion,
        )
        .purpose(
            "A second namespace with an object in it is deleted; the object goes \
             first, then the namespace, and the name can be used again.",
        ),
        Case::new(
            "CLU-15",
            Area::Cluster,
            "node pod ranges are disjoint parts of the pod range",
            node_ranges,
        )
        .needs(&[Need::Nodes(1)])
        .without_namespace()
        .purpose(
            "Every node has one pod range per family in order; all are inside the \
             pod range of the plan and no two overlap.",
        ),
    ]
}

async fn nodes(context: Context) -> CaseResult {
    context.step("wait until every node is Ready");
    let api = context.everywhere(&NODE);
    let nodes = context
        .eventually("all nodes are Ready", TimeoutClass::Rollout, || async {
            let list = api.list(&ListParams::default()).await?.items;
            let values: Vec<Value> = list
                .iter()
                .map(|node| serde_json::to_value(node).unwrap_or_default())
                .collect();
            let waiting: Vec<&str> = values
                .iter()
                .filter(|node| !is_ready(node))
                .filter_map(|node| text(node, "/metadata/name"))
                .collect();
            let state = if values.is_empty() {
                "there is no node".to_owned()
            } else {
                format!("not Ready: {}", waiting.join(", "))
            };
            let done = waiting.is_empty() && !values.is_empty();
            Ok(Look::when(done, values.clone(), || state))
        })
        .await?;
    context.step("compare the InternalIPs with the plan");
    let expected = family_names(context.families());
    for node in &nodes {
        let name = owned_text(node, "/metadata/name")?;
        let addresses = internal_addresses(node)?;
        let families: Vec<String> = addresses
            .iter()
            .map(|address| IpFamily::of(*address).to_string())
            .collect();
        check::equal(format!("families of node {name}"), &expected, &families)?;
        for address in addresses {
            let range = context.plan().of(IpFamily::of(address)).docker;
            check::that(
                range.contains(address),
                format!("InternalIP of node {name}"),
                format!("an address in {range}"),
                address.to_string(),
            )?;
        }
    }
    Ok(())
}

fn is_ready(node: &Value) -> bool {
    node.pointer("/status/conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

fn internal_addresses(node: &Value) -> CaseResult<Vec<IpAddr>> {
    node.pointer("/status/addresses")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|address| address["type"] == "InternalIP")
        .map(|address| {
            let text = address["address"].as_str().unwrap_or_default();
            text.parse()
                .map_err(|_| Stop::failed(format!("InternalIP `{text}` is not an address")))
        })
        .collect()
}

async fn api_server_service(context: Context) -> CaseResult {
    context.step("read Service default/kubernetes");
    let service = context
        .read(&context.inside("default", &SERVICE), &SERVICE, "kubernetes")
        .await?;
    let primary = context.families().primary();
    let range = context.plan().of(primary).services;
    let first = check::present("the first address of the service range", range.nth(1))?;
    check::equal(
        "clusterIP",
        &first.to_string(),
        &owned_text(&service, "/spec/clusterIP")?,
    )?;
    check::equal(
        "ipFamilies",
        &vec![primary.to_string()],
        &list_of_texts(&service, "/spec/ipFamilies"),
    )?;
    Ok(())
}

async fn api_server_endpoints(context: Context) -> CaseResult {
    let primary = context.families().primary();
    context.step("read the endpoints of the Service");
    // Endpoints exist in every version that is supported; EndpointSlices are v1 since 1.21 only.
    let api = context.inside("default", &ENDPOINTS);
    let address: String = context
        .eventually(
            "the Service has endpoints",
            TimeoutClass::Reconcile,
            || async {
                let endpoints = api.get("kubernetes").await?;
                let address = endpoints.data.pointer("/subsets/0/addresses/0/ip");
                Ok(match address.and_then(Value::as_str) {
                    Some(address) => Look::Done(address.to_owned()),
                    None => Look::NotYet("no address in the Endpoints".to_owned()),
                })
            },
        )
        .await?;
    check::equal(
        format!("family of endpoint {address}"),
        &Some(primary),
        &address.parse().ok().map(IpFamily::of),
    )
}

async fn kubeconfig(context: Context) -> CaseResult {
    let Some(path) = context.target().kubeconfig.clone() else {
        return Err(Stop::not_applicable("this run has no kubeconfig file"));
    };
    context.step("read the kubeconfig");
    let config = kube::config::Kubeconfig::read_from(&path)
        .map_err(|error| Stop::failed(format!("the kubeconfig cannot be read: {error}")))?;
    let server = config
        .clusters
        .iter()
        .find_map(|cluster| cluster.cluster.as_ref()?.server.clone());
    let server = check::present("the server of the kubeconfig", server)?;
    let url: http::Uri = server
        .parse()
        .map_err(|error| Stop::failed(format!("server `{server}` is not a URL: {error}")))?;
    let host = url.host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<IpAddr>() {
        // An IPv4 cluster may be reached over IPv6 on this host, but not the other way round.
        if context.families().primary() == IpFamily::V6 {
            check::equal(
                format!("family of the server {server}"),
                &IpFamily::V6,
                &IpFamily::of(address),
            )?;
        }
        check::equal(
            format!("brackets in the server {server}"),
            &address.is_ipv6(),
            &host.starts_with('['),
        )?;
    }
    context.step("ask the API server through the kubeconfig alone");
    let options = kube::config::KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(config, &options)
        .await
        .map_err(|error| Stop::failed(format!("the kubeconfig is not usable: {error}")))?;
    // A proxy of this host knows nothing of a cluster on it.
    config.proxy_url = None;
    let client = kube::Client::try_from(config)?;
    let version = client.apiserver_version().await?;
    context.note(format!("the API server is {}", version.git_version));
    Ok(())
}

/// What GEP-21 and its environment use, by plural name, group and version.
const KINDS: [(&str, &str, &str); 9] = [
    ("shoots", "core.gardener.cloud", "v1beta1"),
    ("seeds", "core.gardener.cloud", "v1beta1"),
    ("cloudprofiles", "core.gardener.cloud", "v1beta1"),
    ("networks", "extensions.gardener.cloud", "v1alpha1"),
    ("dnsrecords", "extensions.gardener.cloud", "v1alpha1"),
    ("infrastructures", "extensions.gardener.cloud", "v1alpha1"),
    ("workers", "extensions.gardener.cloud", "v1alpha1"),
    (
        "operatingsystemconfigs",
        "extensions.gardener.cloud",
        "v1alpha1",
    ),
    ("clusters", "extensions.gardener.cloud", "v1alpha1"),
];

async fn definitions(context: Context) -> CaseResult {
    context.step("read the definitions");
    let api = context.everywhere(&DEFINITION);
    for (plural, group, version) in KINDS {
        let name = format!("{plural}.{group}");
        let definition = context.read(&api, &DEFINITION, &name).await?;
        let established = definition
            .pointer("/status/conditions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|condition| condition["type"] == "Established" && condition["status"] == "True");
        check::that(established, &name, "established", "not established")?;
        let served = definition
            .pointer("/spec/versions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|offered| offered["name"] == version && offered["served"] == true);
        check::that(served, &name, format!("{version} is served"), "it is not")?;
    }
    context.step("find them in discovery");
    for group in [
        "core.gardener.cloud/v1beta1",
        "extensions.gardener.cloud/v1alpha1",
    ] {
        let found = context.client().list_api_group_resources(group).await?;
        for (plural, owner, version) in KINDS {
            let listed = found
                .resources
                .iter()
                .any(|resource| resource.name == plural);
            check::that(
                listed || format!("{owner}/{version}") != group,
                format!("discovery of {group}"),
                plural,
                "it is not listed",
            )?;
        }
    }
    Ok(())
}

async fn namespace_deletion(context: Context) -> CaseResult {
    let name = context.unique("e2e-second");
    let namespaces = context.everywhere(&NAMESPACE);
    context.arrange("make a namespace with an object in it");
    context.will_create(&NAMESPACE, None, &name);
    context
        .create_in(&namespaces, &NAMESPACE, json!({"metadata": {"name": name}}))
        .await?;
    let inside = context.inside(&name, &CONFIG_MAP);
    let object = json!({"metadata": {"name": "inside"}, "data": {"key": "value"}});
    context
        .create_in(&inside, &CONFIG_MAP, object.clone())
        .await?;
    context.step("delete the namespace");
    context
        .remove(&namespaces, &name, TimeoutClass::CleanUp)
        .await?;
    context.step("look for the object in it");
    check::that(
        inside.get_opt("inside").await?.is_none(),
        "ConfigMap of the deleted namespace",
        "gone",
        "still there",
    )?;
    context.step("use the name again");
    context
        .create_in(&namespaces, &NAMESPACE, json!({"metadata": {"name": name}}))
        .await?;
    context.create_in(&inside, &CONFIG_MAP, object).await?;
    Ok(())
}

async fn node_ranges(context: Context) -> CaseResult {
    context.step("read the pod ranges of all nodes");
    let nodes = context
        .everywhere(&NODE)
        .list(&ListParams::default())
        .await?;
    let mut taken: Vec<(String, Cidr)> = Vec::new();
    for node in nodes.items {
        let node = serde_json::to_value(node)?;
        let name = owned_text(&node, "/metadata/name")?;
        let ranges = list_of_texts(&node, "/spec/podCIDRs");
        let mut families = Vec::new();
        for range in &ranges {
            let range: Cidr = range
                .parse()
                .map_err(|error| Stop::failed(format!("pod range of node {name}: {error}")))?;
            families.push(range.family());
            let pods = context.plan().of(range.family()).pods;
            check::that(
                pods.contains_cidr(range),
                format!("pod range of node {name}"),
                format!("a part of {pods}"),
                range.to_string(),
            )?;
            if let Some((other, overlapping)) =
                taken.iter().find(|(_, known)| known.overlaps(range))
            {
                return Err(Stop::failed(format!(
                    "pod range {range} of node {name} overlaps {overlapping} of node {other}"
                )));
            }
            taken.push((name.clone(), range));
        }
        let expected: Vec<IpFamily> = context.families().iter().collect();
        check::equal(
            format!("families of the pod ranges of {name}"),
            &expected,
            &families,
        )?;
    }
    Ok(())
}
