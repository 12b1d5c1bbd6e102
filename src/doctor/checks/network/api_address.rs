//! Where the API server of a cluster answers.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "kind-api-address-family",
    title: "The address of the API server",
    platforms: &[Platform::Macos, Platform::Wsl],
    scope: Scope::Both,
    ceiling: Ceiling([W, N, N]),
    engine: EngineNeed::Free,
    reads: "the planned address, the provider",
    rule: "`::1`, which is kind's default for IPv6, warns where the provider does not forward it; current Docker Desktop and OrbStack are told; 127.0.0.1 passes",
    why: "the cluster works, and kubectl on the Mac or on Windows cannot reach it",
    remedies: &[Remedy::any(
        "publish the API server on 127.0.0.1; the nodes stay IPv6",
        &[],
    )],
    link: Some("https://kind.sigs.k8s.io/docs/user/configuration/#ip-family"),
    run: api_address,
    ..BASE
}];

fn api_address(ask: &Ask<'_>) -> Verdict {
    if let Some(address) = ask
        .plan()
        .api_addr
        .as_deref()
        .filter(|address| *address != "::1")
    {
        return Ok(pass(format!("the API server is published on {address}")));
    }
    if ask.platform() == Platform::Wsl {
        return Ok(warn(
            "the API server is published on ::1, which Windows does not share with WSL",
        )
        .values("::1", "127.0.0.1"));
    }
    let provider = ask.provider();
    match provider {
        Provider::Desktop if ask.desktop_has_ipv6() => Ok(info(
            "Docker Desktop forwards [::1]; older releases and other tools may not",
        )),
        Provider::Orbstack => Ok(info("OrbStack forwards [::1] in most cases")),
        Provider::Unknown => skip("the provider of the engine is not known"),
        _ => Ok(
            warn(format!("{provider} does not forward [::1] from the Mac"))
                .values("::1", "127.0.0.1"),
        ),
    }
}
