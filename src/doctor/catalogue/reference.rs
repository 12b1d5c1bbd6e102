//! The page of all checks, generated: `docs/doctor.md` is compared with it.

use std::fmt::{self, Write as _};

use super::{Check, Group, On, all, explain::letter};

/// The whole page as Markdown.
pub fn reference() -> String {
    let mut text = String::new();
    write(&mut text).expect("writing to a string does not fail");
    text
}

fn write(text: &mut String) -> fmt::Result {
    text.push_str(
        "# Checks of `garden6 doctor`\n\n\
         Generated from the catalogue in `src/doctor/checks`; a test compares it.\n\n\
         The three letters after \"worst\" are the worst status for IPv6, dual-stack and IPv4: \
         F fail, W warn, I info, – not run.\n",
    );
    for group in Group::ALL {
        writeln!(text, "\n## {}", group.title())?;
        for check in all().filter(|check| check.group == group) {
            write_check(text, check)?;
        }
    }
    Ok(())
}

fn write_check(text: &mut String, check: &Check) -> fmt::Result {
    let platforms: Vec<String> = check.platforms.iter().map(ToString::to_string).collect();
    let letters = |ceiling: super::Ceiling| ceiling.0.map(letter).join("");
    writeln!(text, "\n### `{}`\n", check.id)?;
    writeln!(text, "<a id=\"{}\"></a>{}.\n", check.id, check.title)?;
    write!(
        text,
        "{} · {} · worst {}",
        platforms.join(" "),
        check.scope,
        letters(check.ceiling)
    )?;
    for (target, ceiling) in check.per_target {
        write!(text, ", {target} {}", letters(*ceiling))?;
    }
    for need in check.needs {
        write!(text, " · only with {need}")?;
    }
    writeln!(text, " · repair: {}\n", check.fix.word())?;
    writeln!(text, "- Reads: {}", check.reads)?;
    writeln!(text, "- Rule: {}", check.rule)?;
    writeln!(text, "- Why: {}", check.why)?;
    for remedy in check.remedies {
        let place = match remedy.on {
            On::Any => String::new(),
            On::Platform(platform) => format!(" ({platform})"),
            On::Provider(provider) => format!(" ({provider})"),
        };
        write!(text, "- Remedy{place}: {}", remedy.text)?;
        for command in remedy.commands {
            write!(text, " `{command}`")?;
        }
        text.push('\n');
    }
    check
        .link
        .map_or(Ok(()), |link| writeln!(text, "- More: <{link}>"))
}
