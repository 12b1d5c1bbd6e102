//! Networks and addresses as tables, with the columns of `metalctl`.

use super::view::NetworkView;
use crate::{
    ipam::network::{Allocation, AllocationKind, FamilyConsumption},
    ui::Table,
};

/// Networks as trees: what was taken from a super network stands below it.
pub(super) fn networks(all: &[NetworkView]) -> String {
    let mut table = Table::new([
        "ID",
        "NAME",
        "PROJECT",
        "PARTITION",
        "NAT",
        "SHARED",
        "PREFIXES",
        "IPS",
        "CHILDREN",
    ]);
    let listed = |id: &str| all.iter().any(|view| view.network.id == id);
    let roots = all.iter().filter(|view| {
        let parent = &view.network.parent_network_id;
        parent.is_empty() || !listed(parent)
    });
    for root in roots {
        table.row(row("", root));
        let children: Vec<&NetworkView> = all
            .iter()
            .filter(|view| view.network.parent_network_id == root.network.id)
            .collect();
        for (index, child) in children.iter().enumerate() {
            let last = index + 1 == children.len();
            table.row(row(if last { "└─╴" } else { "├─╴" }, child));
        }
    }
    table.render()
}

fn row(branch: &str, view: &NetworkView) -> [String; 9] {
    let network = &view.network;
    let prefixes: Vec<String> = network.prefixes.iter().map(ToString::to_string).collect();
    [
        format!("{branch}{}", network.id),
        network.name.clone(),
        network.project_id.clone(),
        network.partition_id.clone(),
        network.nat.to_string(),
        network.shared.to_string(),
        prefixes.join(","),
        figures(view, |family| {
            format!("{}/{}", family.used_ips, family.available_ips)
        }),
        figures(view, |family| family.used_prefixes.to_string()),
    ]
}

/// A figure of both families, IPv4 first, as their prefixes.
fn figures(view: &NetworkView, figure: impl Fn(&FamilyConsumption) -> String) -> String {
    let families = [&view.consumption.ipv4, &view.consumption.ipv6];
    let figures: Vec<String> = families.into_iter().flatten().map(figure).collect();
    figures.join(",")
}

/// Addresses in order.
pub(super) fn addresses(all: &[Allocation]) -> String {
    let mut table = Table::new([
        "IP",
        "DESCRIPTION",
        "NAME",
        "NETWORK",
        "PROJECT",
        "TYPE",
        "TAGS",
    ]);
    for allocation in all {
        let kind = match allocation.kind {
            AllocationKind::Ephemeral => "ephemeral",
            AllocationKind::Static => "static",
        };
        table.row([
            allocation.address.to_string(),
            allocation.description.clone(),
            allocation.name.clone(),
            allocation.network_id.clone(),
            allocation.project_id.clone(),
            kind.to_owned(),
            allocation.tags.join(","),
        ]);
    }
    table.render()
}
