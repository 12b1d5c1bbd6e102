//! Plain routing on the nodes: one CNI file, and one route per foreign node and family.

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::{Engine, KindError, engine::ContainerFile, nodes::NodeNetwork};
use crate::{
    generate::{NodeRoute, PtpNetwork, Templates, masquerade, node_routes},
    ipam::AddressPlan,
    net::{Cidr, IpFamily},
};

/// Named so that it sorts before anything a node image brings.
const CONFLIST: &str = "/etc/cni/net.d/05-garden6.conflist";
/// How often the container of the control plane is looked for.
const SEED_PAUSE: Duration = Duration::from_millis(100);

/// Installs the pod network on every node. Doing it again changes nothing.
pub(super) async fn install(
    engine: &Engine,
    plan: &AddressPlan,
    nodes: &[NodeNetwork],
    mtu: u32,
) -> Result<(), KindError> {
    let networks: Vec<_> = nodes
        .iter()
        .map(|node| (node.pods.clone(), node.addresses.clone()))
        .collect();
    let networks = &networks;
    try_join_all(nodes.iter().enumerate().map(async |(index, node)| {
        let script = script(&node_routes(networks, index), &plan.pods());
        engine.exec(&node.name, &["sh", "-ec", &script]).await?;
        let content = PtpNetwork {
            pods: node.pods.clone(),
            mtu,
        }
        .render(Templates::embedded())?;
        let file = ContainerFile {
            path: CONFLIST.to_owned(),
            content,
        };
        engine.put_files(&node.name, &[file]).await
    }))
    .await?;
    Ok(())
}

/// The network the control plane of a new cluster is going to have.
///
/// It registers first, so it gets the first range of every family.
pub(super) fn first_node(plan: &AddressPlan) -> Vec<Cidr> {
    plan.in_use()
        .filter_map(|family| family.pods.subnets(family.node_mask).next())
        .collect()
}

/// Gives the control plane its pod network as soon as its container runs, long before kind is done.
///
/// The node controller takes ten seconds and more to hand out ranges, and a kubelet without pod network
/// does not become ready. What is put here early is put again once the real ranges are known, so failing
/// costs time only.
pub(super) async fn seed(engine: &Engine, container: &str, plan: &AddressPlan, mtu: u32) {
    let pods = first_node(plan);
    let Ok(content) = (PtpNetwork { pods, mtu }).render(Templates::embedded()) else {
        return;
    };
    let file = ContainerFile {
        path: CONFLIST.to_owned(),
        content,
    };
    loop {
        let found = engine.container(container).await.ok().flatten();
        let running = found.and_then(|found| found.state?.running) == Some(true);
        if running
            && engine
                .put_files(container, std::slice::from_ref(&file))
                .await
                .is_ok()
        {
            return;
        }
        sleep(SEED_PAUSE).await;
    }
}

/// Routes to the pods of the other nodes, and the node's own address for pods that leave the cluster.
///
/// One script per node, because every call into a container costs more than all of its commands.
fn script(routes: &[NodeRoute], pods: &[Cidr]) -> String {
    let mut lines: Vec<String> = routes
        .iter()
        .map(|route| {
            let family = match route.pods.family() {
                IpFamily::V4 => "-4",
                IpFamily::V6 => "-6",
            };
            format!("ip {family} route replace {} via {}", route.pods, route.via)
        })
        .collect();
    lines.extend(pods.iter().copied().map(masquerade));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_node_gets_the_first_range_of_every_family() {
        let plan = AddressPlan::default_for("dual".parse().unwrap());
        let pods: Vec<String> = first_node(&plan).iter().map(ToString::to_string).collect();
        assert_eq!(pods, ["fd00:10:1::/64", "10.0.0.0/24"]);
    }

    #[test]
    fn doing_it_again_changes_nothing() {
        let route = NodeRoute {
            pods: "fd00:10:1:1::/64".parse().unwrap(),
            via: "fd00:10::3".parse().unwrap(),
        };
        insta::assert_snapshot!(script(&[route], &["fd00:10:1::/48".parse().unwrap()]), @r"
        ip -6 route replace fd00:10:1:1::/64 via fd00:10::3
        ip6tables -w -t nat -C POSTROUTING -s fd00:10:1::/48 ! -d fd00:10:1::/48 -o eth0 -j MASQUERADE 2>/dev/null || ip6tables -w -t nat -A POSTROUTING -s fd00:10:1::/48 ! -d fd00:10:1::/48 -o eth0 -j MASQUERADE
        ");
    }
}
