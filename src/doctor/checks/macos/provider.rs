//! What IPv6 can do in the virtual machine.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "vm-provider-ipv6",
        title: "IPv6 of the provider",
        ceiling: Ceiling([W, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "the provider, its release and its settings",
        rule: "Docker Desktop since 4.42 passes; OrbStack passes once its IPv6 is on; colima and lima need an address of the network and IPv6 switched on; \
               older Docker Desktop, Rancher Desktop and Podman's machine have none",
        why: "inside the virtual machine IPv6 works with all of them; whether it gets out, and the Mac gets in, is decided here",
        remedies: &[
            Remedy::any(
                "use a provider whose containers have IPv6, or a Linux machine",
                &[],
            ),
            Remedy::provider(
                Provider::Desktop,
                "update Docker Desktop and choose dual-stack in Settings → Network",
                &[],
            ),
            Remedy::provider(
                Provider::Orbstack,
                "switch IPv6 on in Settings → Docker",
                &["orb config set docker.enable_ipv6 true"],
            ),
            Remedy::provider(
                Provider::Colima,
                "give the virtual machine an address, and the `docker:` map of colima.yaml `ipv6` and `fixed-cidr-v6`",
                &["colima start --network-address", "colima start --edit"],
            ),
            Remedy::provider(
                Provider::Lima,
                "give the virtual machine an address and switch IPv6 of its resolver on",
                &["limactl edit NAME"],
            ),
        ],
        run: provider,
        ..BASE
    },
    Check {
        id: "desktop-networking-mode",
        title: "The network of Docker Desktop",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Restart,
        reads: "Docker Desktop's release and networking mode",
        rule: "one family only warns where the other one is wanted, and so does a release before 4.42 where IPv6 is; other providers are skipped",
        why: "since 4.42 the families of containers and of answers to names can be chosen",
        remedies: &[Remedy::any(
            "choose dual-stack in Settings → Resources → Network and restart Docker Desktop",
            &["docker desktop restart"],
        )],
        run: networking_mode,
        ..BASE
    },
];

/// Whether containers can get out over IPv6, as far as provider and settings tell.
fn judge(ask: &Ask<'_>) -> Result<bool, Gap> {
    let provider = ask.provider();
    if matches!(provider, Provider::Rancher | Provider::Podman) {
        return Ok(false);
    }
    if if_known(ask.view(Scope::Engine, "uplink6", |view| &view.uplink6)).is_some() {
        return Ok(true);
    }
    let switched_on = ask.daemon_switch("ipv6") == Ok(Some(true));
    match provider {
        Provider::Desktop => match ask.desktop_version() {
            Some(_) => Ok(ask.desktop_has_ipv6()),
            None => Err(unknown("the release of Docker Desktop cannot be read")),
        },
        Provider::Orbstack => Ok(switched_on || ask.vm_settings()?.docker_ipv6 == Some(true)),
        Provider::Colima | Provider::Lima => {
            let vm = ask.vm_settings()?;
            let on = switched_on || vm.docker_ipv6 == Some(true);
            Ok(on && vm.network_address == Some(true))
        }
        _ => Ok(true),
    }
}

/// Whether containers can get out over IPv6; what cannot be found out counts as no.
pub(in crate::doctor::checks) fn has_ipv6(ask: &Ask<'_>) -> bool {
    judge(ask).unwrap_or_default()
}

fn provider(ask: &Ask<'_>) -> Verdict {
    let provider = ask.provider();
    if provider == Provider::Unknown {
        return skip("the provider of the engine is not known");
    }
    Ok(if judge(ask)? {
        pass(format!("{provider} carries IPv6"))
    } else {
        fail(format!(
            "containers of {provider} have no way out over IPv6"
        ))
        .values("no IPv6", "IPv6 of containers")
    })
}

fn networking_mode(ask: &Ask<'_>) -> Verdict {
    if ask.provider() != Provider::Desktop {
        return skip("not Docker Desktop");
    }
    let profile = ask.profile();
    if ask.desktop_version().is_none() {
        return Err(unknown("the release of Docker Desktop cannot be read"));
    }
    if profile.has_ipv6() && !ask.desktop_has_ipv6() {
        return Ok(warn("this Docker Desktop cannot choose families")
            .values("before 4.42", "4.42 or later"));
    }
    let mode = ask
        .desktop()
        .and_then(|settings| settings.networking_mode.as_deref())
        .unwrap_or("the default");
    let lacks =
        (mode == "ipv4only" && profile.has_ipv6()) || (mode == "ipv6only" && profile.has_ipv4());
    Ok(if lacks {
        warn(format!(
            "Docker Desktop is set to {mode}, and {profile} is wanted"
        ))
        .values(mode, "dual-stack")
    } else {
        pass(format!("Docker Desktop is set to {mode}"))
    })
}
