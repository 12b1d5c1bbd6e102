//! A check in words.

use std::fmt::{self, Write as _};

use super::{Check, On, Remedy};
use crate::doctor::Status;

/// Everything about a check, as lines of text.
pub fn explain(check: &Check) -> String {
    let mut text = String::new();
    write(&mut text, check).expect("writing to a string does not fail");
    text
}

fn write(text: &mut String, check: &Check) -> fmt::Result {
    let platforms: Vec<String> = check.platforms.iter().map(ToString::to_string).collect();
    writeln!(text, "{}: {}", check.id, check.title)?;
    writeln!(
        text,
        "  group {} · {} · facts of the {}",
        check.group,
        platforms.join(" "),
        scope_words(check)
    )?;
    writeln!(text, "  worst for ipv6/dual/ipv4: {}", check.ceiling)?;
    for (target, ceiling) in check.per_target {
        writeln!(text, "  worst for ipv6/dual/ipv4 with {target}: {ceiling}")?;
    }
    if !check.needs.is_empty() {
        let needs: Vec<String> = check.needs.iter().map(ToString::to_string).collect();
        writeln!(text, "  only with: {}", needs.join(", "))?;
    }
    writeln!(text, "  repair: {}", check.fix.word())?;
    for (name, words) in [
        ("reads", check.reads),
        ("rule", check.rule),
        ("why", check.why),
    ] {
        writeln!(text, "\n{name}\n  {words}")?;
    }
    writeln!(text, "\nremedies")?;
    for remedy in check.remedies {
        write_remedy(text, remedy)?;
    }
    writeln!(text, "\nmore\n  {}", check.documentation())?;
    check.link.map_or(Ok(()), |link| writeln!(text, "  {link}"))
}

const fn scope_words(check: &Check) -> &'static str {
    match check.scope {
        crate::doctor::Scope::Host => "machine of the command",
        crate::doctor::Scope::Engine => "machine of the engine",
        crate::doctor::Scope::Both => "machines of the command and of the engine",
    }
}

fn write_remedy(text: &mut String, remedy: &Remedy) -> fmt::Result {
    let place = match remedy.on {
        On::Any => String::new(),
        On::Platform(platform) => format!("[{platform}] "),
        On::Provider(provider) => format!("[{provider}] "),
    };
    writeln!(text, "  {place}{}", remedy.text)?;
    let mut commands = remedy.commands.iter();
    commands.try_for_each(|command| writeln!(text, "    $ {command}"))
}

/// The letter that tables use for a ceiling.
pub(super) const fn letter(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Fail | Status::Error) => "F",
        Some(Status::Warn) => "W",
        Some(_) => "I",
        None => "–",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::catalogue;

    #[test]
    fn an_explanation_tells_everything() {
        let check = catalogue::find("ipv6-accept-ra-forwarding").unwrap();
        let text = explain(check);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..5],
            [
                "ipv6-accept-ra-forwarding: Router advertisements on a host that forwards",
                "  group sysctl · linux wsl · facts of the machine of the engine",
                "  worst for ipv6/dual/ipv4: warn/warn/-",
                "  worst for ipv6/dual/ipv4 with gardener: fail/fail/-",
                "  repair: root",
            ]
        );
        for (heading, words) in [
            ("reads", check.reads),
            ("rule", check.rule),
            ("why", check.why),
        ] {
            let place = lines.iter().position(|line| *line == heading).unwrap();
            assert_eq!(lines[place + 1].trim(), words);
        }
        assert!(lines.contains(&"    $ sudo sysctl -w net.ipv6.conf.UPLINK.accept_ra=2"));
        assert!(lines.contains(&"  docs/doctor.md#ipv6-accept-ra-forwarding"));
    }
}
