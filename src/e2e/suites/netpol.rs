//! The network policies around the control plane of a Shoot.

use std::collections::BTreeSet;

use kube::api::ListParams;
use serde_json::Value;

use super::support::{NETWORK_POLICY, SEED, owned_text, shoot_families, text};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Need, Stop, TimeoutClass, check},
    net::{Cidr, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "NPO-01",
            Area::Netpol,
            "every static IPv4 block has its IPv6 equivalent",
            equivalents,
        )
        .purpose(
            "GEP-21: a policy that names 0.0.0.0/0 names ::/0, one that names \
             private IPv4 blocks names fc00::/7, and one that names the link-local \
             DNS address of IPv4 names that of IPv6.",
        ),
        Case::new(
            "NPO-09",
            Area::Netpol,
            "everything is denied that is not allowed",
            deny_all,
        )
        .purpose(
            "A policy selects all pods of the control plane for both directions and \
             has no rule; every other policy adds egress for labelled pods only.",
        ),
        Case::new(
            "NPO-10",
            Area::Netpol,
            "DNS is allowed at the address that the Seed serves it on",
            dns,
        )
        .purpose(
            "allow-to-dns lists the tenth address of the Seed's service range as a \
             single address of its family, and ports 53 and 8053 for both \
             protocols.",
        ),
        Case::new(
            "NPO-11",
            Area::Netpol,
            "exceptions are parts of their blocks and keep Shoot and Seed out",
            exceptions,
        )
        .purpose(
            "Every exception lies strictly inside its block, as Kubernetes demands; \
             the private block of the Shoot's family excepts the ranges of the \
             Shoot.",
        ),
    ]
    .into_iter()
    .map(|case| {
        case.needs(&[Need::Stack, Need::LoadBalancers])
            .timeout(TimeoutClass::ShootUp)
    })
    .collect()
}

/// A ready Shoot and the policies around its control plane.
async fn policies(context: &Context) -> CaseResult<(Value, Vec<Value>)> {
    let (ready, namespace) = context.ready_shoot("fenced").await?;
    context.step("list the policies");
    let list = context
        .inside(&namespace, &NETWORK_POLICY)
        .list(&ListParams::default())
        .await?;
    let policies = list
        .items
        .into_iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    check::that(!policies.is_empty(), "NetworkPolicies", "some", "none")?;
    Ok((ready, policies))
}

/// A block of addresses in a policy, with what it excepts.
struct Block {
    cidr: Cidr,
    except: Vec<Cidr>,
}

/// All blocks of a policy, both directions.
fn blocks(policy: &Value) -> CaseResult<Vec<Block>> {
    let read = |text: &str| {
        text.parse::<Cidr>()
            .map_err(|error| Stop::failed(format!("a block of a policy: {error}")))
    };
    let mut blocks = Vec::new();
    for (direction, peers) in [("egress", "to"), ("ingress", "from")] {
        let rules = policy["spec"][direction].as_array();
        for peer in rules
            .into_iter()
            .flatten()
            .flat_map(|rule| rule[peers].as_array().into_iter().flatten())
        {
            let Some(cidr) = text(peer, "/ipBlock/cidr") else {
                continue;
            };
            let except = super::support::list_of_texts(peer, "/ipBlock/except");
            blocks.push(Block {
                cidr: read(cidr)?,
                except: except
                    .iter()
                    .map(|text| read(text))
                    .collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(blocks)
}

fn name(policy: &Value) -> &str {
    text(policy, "/metadata/name").unwrap_or("?")
}

async fn equivalents(context: Context) -> CaseResult {
    let (_, policies) = policies(&context).await?;
    // What stands for what: a block of IPv4, the block of IPv6 that has to be there as well.
    let pairs: [(&[&str], &str); 3] = [
        (&["0.0.0.0/0"], "::/0"),
        (
            &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
            "fc00::/7",
        ),
        (&["169.254.20.10/32"], "fd30:1319:f1e:230b::1/128"),
    ];
    let mut met = BTreeSet::new();
    for policy in &policies {
        let blocks: BTreeSet<String> = blocks(policy)?
            .into_iter()
            .map(|block| block.cidr.to_string())
            .collect();
        for (ipv4, ipv6) in pairs {
            if ipv4.iter().any(|block| blocks.contains(*block)) {
                met.insert(ipv6);
                check::that(
                    blocks.contains(ipv6),
                    format!("blocks of {}", name(policy)),
                    format!("{ipv6} beside {ipv4:?}"),
                    format!("{blocks:?}"),
                )?;
            }
            if blocks.contains(ipv6) {
                let missing: Vec<_> = ipv4
                    .iter()
                    .filter(|block| !blocks.contains(**block))
                    .collect();
                check::none(
                    format!("IPv4 blocks missing in {} beside {ipv6}", name(policy)),
                    &missing,
                )?;
            }
        }
    }
    context.step("see that there was something to compare");
    check::equal("kinds of blocks that were met", &pairs.len(), &met.len())
}

async fn deny_all(context: Context) -> CaseResult {
    let (_, policies) = policies(&context).await?;
    context.step("find the policy that denies everything");
    let denying: Vec<&Value> = policies
        .iter()
        .filter(|policy| {
            let selector = &policy["spec"]["podSelector"];
            selector.as_object().is_some_and(serde_json::Map::is_empty)
        })
        .collect();
    check::equal("number of policies for all pods", &1, &denying.len())?;
    let types: BTreeSet<String> = super::support::list_of_texts(denying[0], "/spec/policyTypes")
        .into_iter()
        .collect();
    check::equal(
        "policyTypes",
        &["Egress", "Ingress"].map(str::to_owned).into(),
        &types,
    )?;
    for direction in ["ingress", "egress"] {
        let rules = denying[0]["spec"][direction].as_array().map_or(0, Vec::len);
        check::equal(format!("number of {direction} rules"), &0, &rules)?;
    }
    context.step("see that all others are for labelled pods and egress only");
    for policy in policies
        .iter()
        .filter(|policy| name(policy) != name(denying[0]))
    {
        check::equal(
            format!("policyTypes of {}", name(policy)),
            &vec!["Egress".to_owned()],
            &super::support::list_of_texts(policy, "/spec/policyTypes"),
        )?;
    }
    Ok(())
}

async fn dns(context: Context) -> CaseResult {
    let (ready, policies) = policies(&context).await?;
    context.step("read the service range of the Seed");
    let seed = owned_text(&ready, "/spec/seedName")?;
    let seed = context
        .read(&context.everywhere(&SEED), &SEED, &seed)
        .await?;
    let services: Cidr = owned_text(&seed, "/spec/networks/services")?
        .parse()
        .map_err(|error| Stop::failed(format!("services of the Seed: {error}")))?;
    let address = check::present("the tenth service address", services.nth(10))?;
    context.step("find its tenth address in the policy for DNS");
    let policy = policies
        .iter()
        .find(|policy| name(policy) == "allow-to-dns");
    let policy = check::present("NetworkPolicy allow-to-dns", policy)?;
    let wanted = Cidr::host(address);
    let found: Vec<Cidr> = blocks(policy)?
        .into_iter()
        .map(|block| block.cidr)
        .collect();
    check::that(
        found.contains(&wanted),
        "blocks of allow-to-dns",
        wanted.to_string(),
        format!("{found:?}"),
    )?;
    let ports: BTreeSet<String> = policy["spec"]["egress"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|rule| rule["ports"].as_array().into_iter().flatten())
        .map(|port| {
            format!(
                "{} {}",
                port["protocol"].as_str().unwrap_or("?"),
                port["port"]
            )
        })
        .collect();
    check::equal(
        "ports of allow-to-dns",
        &["TCP 53", "TCP 8053", "UDP 53", "UDP 8053"]
            .map(str::to_owned)
            .into(),
        &ports,
    )
}

async fn exceptions(context: Context) -> CaseResult {
    let (_, policies) = policies(&context).await?;
    context.step("hold every exception against its block");
    for policy in &policies {
        for block in blocks(policy)? {
            for except in block.except {
                let inside = block.cidr.contains_cidr(except)
                    && except.prefix_len() > block.cidr.prefix_len();
                check::that(
                    inside,
                    format!("exception of {} in {}", block.cidr, name(policy)),
                    "a smaller part of the block",
                    except.to_string(),
                )?;
            }
        }
    }
    context.step("look for the ranges of the Shoot");
    let policy = policies
        .iter()
        .find(|policy| name(policy) == "allow-to-private-networks");
    let policy = check::present("NetworkPolicy allow-to-private-networks", policy)?;
    let family = shoot_families(context.target()).primary();
    let plan = context.plan().of(family);
    let private: Cidr = match family {
        IpFamily::V4 => "10.0.0.0/8",
        IpFamily::V6 => "fc00::/7",
    }
    .parse()
    .map_err(|error| Stop::broken(format!("{error}")))?;
    let block = blocks(policy)?
        .into_iter()
        .find(|block| block.cidr == private);
    let block = check::present(format!("block {private}"), block)?;
    for range in [plan.shoot_nodes, plan.shoot_pods, plan.shoot_services] {
        let expected = private.contains_cidr(range);
        check::equal(
            format!("whether {range} is excepted from {private}"),
            &expected,
            &block.except.contains(&range),
        )?;
    }
    Ok(())
}
