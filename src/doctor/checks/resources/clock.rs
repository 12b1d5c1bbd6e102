//! Clocks.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "clock-sync",
    title: "Clocks",
    scope: Scope::Both,
    reads: "the engine's time against the host's, whether the clock is kept by NTP",
    rule: "more than 2 s apart warns, more than 30 s fails; a Linux clock that nothing keeps warns",
    why: "clocks of virtual machines stop while the lid is closed: certificates are \"not yet valid\", tokens have expired",
    remedies: &[
        Remedy::any("let NTP keep the clock", &["sudo timedatectl set-ntp true"]),
        Remedy::platform(
            Platform::Wsl,
            "set the clock from the hardware",
            &["sudo hwclock -s"],
        ),
        Remedy::platform(Platform::Macos, "restart the virtual machine", &[]),
        Remedy::provider(
            Provider::Colima,
            "set the clock of the virtual machine",
            &["colima ssh -- sudo chronyc makestep"],
        ),
    ],
    run: clock,
    ..BASE
}];

fn clock(ask: &Ask<'_>) -> Verdict {
    let skew = ask.view(Scope::Host, "clock_skew_s", |view| &view.clock_skew_s)?;
    let Some(skew) = skew.map(|skew| skew.abs()) else {
        return Err(unknown("the engine does not tell the time"));
    };
    let text = format!("the clocks of host and engine are {skew:.1} s apart");
    if skew > 30.0 {
        return Ok(fail(text).values(format!("{skew:.1} s"), "2 s at most"));
    }
    if skew > 2.0 {
        return Ok(warn(text).values(format!("{skew:.1} s"), "2 s at most"));
    }
    if ask.platform() != Platform::Macos
        && ask.view(Scope::Host, "ntp_synchronized", |view| {
            &view.ntp_synchronized
        })? == Some(&false)
    {
        return Ok(warn("nothing keeps the clock").values("not synchronised", "synchronised"));
    }
    Ok(pass(text))
}
