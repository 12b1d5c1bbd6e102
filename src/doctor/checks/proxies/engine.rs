//! Proxies of the engine.

use super::{super::prelude::*, BASE};
use crate::doctor::{Fact, LOCAL_REGISTRY as REGISTRY};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "docker-proxy-config",
    title: "Proxies of the engine",
    scope: Scope::Engine,
    engine: EngineNeed::Needed,
    reads: "`/info` HttpProxy, HttpsProxy and NoProxy, `proxies` of the client's configuration",
    rule: "none, and Docker Desktop's own, pass; another one is told, and warns for Gardener where it does not leave the local registry out",
    why: "the engine pulls and pushes over its own proxy; a name that leads to loopback is not loopback to it",
    remedies: &[
        Remedy::any(
            "add the name of the registry to the engine's NO_PROXY",
            &[
                "sudo systemctl edit docker",
                "sudo systemctl restart docker",
            ],
        ),
        Remedy::platform(
            Platform::Macos,
            "change the proxy in the settings of the provider",
            &[],
        ),
    ],
    link: Some("https://docs.docker.com/engine/daemon/proxy/"),
    run: proxy,
    ..BASE
}];

/// Docker Desktop puts itself between the engine and the network.
const BUILT_IN: &str = "http.docker.internal:3128";

fn proxy(ask: &Ask<'_>) -> Verdict {
    let info_ = ask.info()?;
    let own = [&info_.http_proxy, &info_.https_proxy]
        .into_iter()
        .find(|proxy| !proxy.is_empty());
    let foreign = own.filter(|proxy| !proxy.contains(BUILT_IN));
    let Some(proxy) = foreign else {
        return Ok(if ask.docker().client_proxies == Fact::Known(true) {
            info("the client's configuration puts proxies into every container")
        } else {
            pass("the engine uses no proxy of its own")
        });
    };
    let names = info_.no_proxy.split(',').map(str::trim);
    let bypassed = names.into_iter().any(|name| {
        let domain = name.trim_start_matches('*').trim_start_matches('.');
        !domain.is_empty() && (REGISTRY == domain || REGISTRY.ends_with(&format!(".{domain}")))
    });
    Ok(if ask.is_gardener() && !bypassed {
        warn(format!("the engine sends {REGISTRY} to {proxy}")).values(&info_.no_proxy, REGISTRY)
    } else {
        info(format!("the engine uses {proxy}"))
    })
}
