//! Plain routing on the nodes: one CNI file, and one route per foreign node and family.

use futures_util::future::try_join_all;

use super::{Engine, KindError, engine::ContainerFile, nodes::NodeNetwork};
use crate::{
    generate::{NodeRoute, PtpNetwork, node_routes},
    ipam::AddressPlan,
    net::{Cidr, IpFamily},
};

/// Named so that it sorts before anything a node image brings.
const CONFLIST: &str = "/etc/cni/net.d/05-garden6.conflist";

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
        .render()?;
        let file = ContainerFile {
            path: CONFLIST.to_owned(),
            content,
        };
        engine.put_files(&node.name, &[file]).await
    }))
    .await?;
    Ok(())
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
    lines.extend(pods.iter().map(|pods| {
        let program = match pods.family() {
            IpFamily::V4 => "iptables",
            IpFamily::V6 => "ip6tables",
        };
        let rule = format!("POSTROUTING -s {pods} ! -d {pods} -o eth0 -j MASQUERADE");
        format!("{program} -w -t nat -C {rule} 2>/dev/null || {program} -w -t nat -A {rule}")
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

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
