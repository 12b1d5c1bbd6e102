//! Packets between pods, and from pods to Services.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::json;

use super::support::{
    SERVICE, call, family_names, list_of_texts, listener, node_names, of_family, targets,
};
use crate::{
    e2e::{
        Area, Case, CaseResult, Context, Need, TimeoutClass, check,
        probe::{Answer, PORT},
    },
    net::IpFamily,
};

/// What is sent between pods: one byte, nearly a full Ethernet frame, and more than one.
const SIZES: &[&str] = &["--transports", "tcp,udp", "--sizes", "1,1200"];
const LARGE: &[&str] = &["--transports", "tcp", "--sizes", "1,1400,8192"];
/// How often a Service is called. Two backends are picked by chance: one of them stays out with a
/// probability of 2^-31.
const TIMES: usize = 32;

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "POD-02",
            Area::Pod,
            "pods of one node reach each other",
            same_node,
        )
        .needs(&[Need::RealPackets, Need::Stack])
        .timeout(TimeoutClass::Pull)
        .purpose(
            "Over TCP and UDP and each family of the environment a pod gets an answer \
             from another pod of its node, which sees the address of the caller itself.",
        ),
        Case::new(
            "POD-03",
            Area::Pod,
            "pods of different nodes reach each other, both ways",
            other_node,
        )
        .needs(&[Need::RealPackets, Need::Stack, Need::Nodes(2)])
        .timeout(TimeoutClass::Pull)
        .purpose(
            "In both directions payloads of 1 byte, 1,400 bytes and 8 KiB arrive whole \
             between pods of two nodes over each family, untranslated: what Gardener's own \
             suite leaves out for IPv6.",
        ),
        Case::new(
            "SVC-02",
            Area::Svc,
            "every backend of a Service answers, from each node",
            service,
        )
        .needs(&[Need::RealPackets, Need::Stack])
        .timeout(TimeoutClass::Pull)
        .purpose(
            "A Service with two backends is called by its addresses from a pod on each \
             node, over TCP and UDP; both backends answer.",
        ),
    ]
}

async fn same_node(context: Context) -> CaseResult {
    context.arrange("choose a node");
    let nodes = node_names(&context).await?;
    let node = check::present("node", nodes.first())?;
    context.step("start a listener");
    let listening = listener(&context, "listener", node).await?;
    context.step("call it from another pod");
    let answers = call(&context, "caller", node, &targets(&listening), SIZES).await?;
    check::equal(
        "answers",
        &(context.families().iter().count() * 4),
        &answers.len(),
    )?;
    expect_untranslated(&context, "caller", &answers).await
}

async fn other_node(context: Context) -> CaseResult {
    context.arrange("choose two nodes");
    let nodes = node_names(&context).await?;
    let [first, second, ..] = nodes.as_slice() else {
        return check::that(false, "nodes", "two", nodes.len().to_string());
    };
    for (from, to) in [(first, second), (second, first)] {
        context.step(&format!("call a pod on {to} from one on {from}"));
        let (listener_name, caller_name) = (format!("listener-{to}"), format!("caller-{from}"));
        let listening = listener(&context, &listener_name, to).await?;
        let answers = call(&context, &caller_name, from, &targets(&listening), LARGE).await?;
        let sizes: Vec<u64> = answers.iter().map(|answer| answer.bytes).collect();
        let expected: Vec<u64> = context
            .families()
            .iter()
            .flat_map(|_| [1, 1400, 8192])
            .collect();
        check::equal("bytes that arrived", &expected, &sizes)?;
        expect_untranslated(&context, &caller_name, &answers).await?;
    }
    Ok(())
}

/// Pods see each other's own addresses: nothing on the way translates them.
async fn expect_untranslated(context: &Context, caller: &str, answers: &[Answer]) -> CaseResult {
    let own = super::support::pod_ips(context, caller).await?;
    for answer in answers {
        let expected = of_family(&own, IpFamily::of(answer.caller))?;
        check::equal("caller as seen by the listener", &expected, &answer.caller)?;
    }
    Ok(())
}

async fn service(context: Context) -> CaseResult {
    context.arrange("choose nodes");
    let nodes = node_names(&context).await?;
    let (first, last) = (
        check::present("node", nodes.first())?,
        check::present("node", nodes.last())?,
    );
    context.step("start two backends and a Service");
    listener(&context, "backend1", first).await?;
    listener(&context, "backend2", last).await?;
    let port = |protocol: &str| json!({"name": protocol.to_lowercase(), "port": PORT, "protocol": protocol});
    let mut spec = json!({
        "selector": {"probe": "backend"},
        "ports": [port("TCP"), port("UDP")],
    });
    if context.families().is_dual() {
        spec["ipFamilyPolicy"] = json!("RequireDualStack");
        spec["ipFamilies"] = json!(family_names(context.families()));
    }
    let made = context
        .create(
            &SERVICE,
            json!({"metadata": {"name": "backends"}, "spec": spec}),
        )
        .await?;
    let targets: Vec<SocketAddr> = list_of_texts(&serde_json::to_value(made)?, "/spec/clusterIPs")
        .iter()
        .filter_map(|text| Some(SocketAddr::new(text.parse().ok()?, PORT)))
        .collect();
    check::equal(
        "clusterIPs",
        &context.families().iter().count(),
        &targets.len(),
    )?;
    let times = TIMES.to_string();
    let options = ["--transports", "tcp,udp", "--times", &times];
    for (number, node) in nodes.iter().enumerate() {
        context.step(&format!("call the Service from {node}"));
        let answers = call(
            &context,
            &format!("caller{number}"),
            node,
            &targets,
            &options,
        )
        .await?;
        for (target, answers) in targets.iter().zip(answers.chunks(2 * TIMES)) {
            for (transport, answers) in ["tcp", "udp"].iter().zip(answers.chunks(TIMES)) {
                let backends: BTreeSet<&str> = answers
                    .iter()
                    .map(|answer| answer.listener.as_str())
                    .collect();
                check::equal(
                    format!("backends that answered at {target} over {transport}"),
                    &BTreeSet::from(["backend1", "backend2"]),
                    &backends,
                )?;
            }
        }
    }
    Ok(())
}
