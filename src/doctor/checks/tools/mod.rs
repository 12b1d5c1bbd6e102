//! Programs that are started.

mod cluster;
mod engine;
mod images;
mod userland;

use semver::Version;

use super::prelude::*;
use crate::doctor::parse::versions;

pub(super) const CHECKS: &[&[Check]] = &[
    cluster::CHECKS,
    engine::CHECKS,
    images::CHECKS,
    userland::CHECKS,
];

const BASE: Check = Check {
    group: Group::Tools,
    ..Check::BASE
};

/// Where programs come from.
const fn install(
    text: &'static str,
    linux: &'static [&'static str],
    mac: &'static [&'static str],
) -> [Remedy; 2] {
    [
        Remedy::any(text, linux),
        Remedy::platform(Platform::Macos, text, mac),
    ]
}

/// What a program says its version is: none where it is not there.
fn version_of(ask: &Ask<'_>, line: &str) -> Result<Option<Version>, Gap> {
    let Some(answer) = ask.command(Scope::Host, line)? else {
        return Ok(None);
    };
    match versions::version(&answer.out) {
        Some(version) => Ok(Some(version)),
        None => Err(unknown(format!(
            "`{line}` tells no version: {}",
            answer.first_line()
        ))),
    }
}
