//! dockerd's configuration file and arguments.

use serde_json::Value;

/// The configuration as JSON; a text where it is not.
pub fn json(text: &str) -> Value {
    if text.trim().is_empty() {
        // dockerd takes an empty file for an empty configuration.
        return Value::Object(serde_json::Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The arguments of a process out of `/proc/PID/cmdline`, without its name.
pub fn arguments(cmdline: &str) -> Vec<String> {
    cmdline
        .split('\0')
        .skip(1)
        .filter(|argument| !argument.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The values of a flag, in order: `--name=value`, `--name value`; a flag that stands alone is
/// `true`.
pub fn flag<'a>(arguments: &'a [String], name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let Some(rest) = argument
            .strip_prefix("--")
            .and_then(|rest| rest.strip_prefix(name))
        else {
            continue;
        };
        if let Some(value) = rest.strip_prefix('=') {
            found.push(value);
        } else if rest.is_empty() {
            let next = arguments
                .get(index + 1)
                .filter(|next| !next.starts_with('-'));
            found.push(next.map_or("true", String::as_str));
        }
    }
    found
}

/// The names of all long flags.
pub fn flag_names(arguments: &[String]) -> impl Iterator<Item = &str> {
    arguments.iter().filter_map(|argument| {
        let rest = argument.strip_prefix("--")?;
        Some(rest.split('=').next().unwrap_or(rest)).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn flags_are_read_in_every_spelling() {
        let arguments = args(&[
            "-H",
            "fd://",
            "--ipv6",
            "--mtu=1400",
            "--dns",
            "::1",
            "--iptables=false",
        ]);
        assert_eq!(flag(&arguments, "ipv6"), ["true"]);
        assert_eq!(flag(&arguments, "mtu"), ["1400"]);
        assert_eq!(flag(&arguments, "dns"), ["::1"]);
        assert_eq!(flag(&arguments, "ip"), Vec::<&str>::new());
        assert_eq!(
            flag_names(&arguments).collect::<Vec<_>>(),
            ["ipv6", "mtu", "dns", "iptables"]
        );
    }

    #[test]
    fn the_name_of_the_program_is_no_argument() {
        assert_eq!(arguments("/usr/bin/dockerd\0-H\0fd://\0"), ["-H", "fd://"]);
        assert!(arguments("").is_empty());
    }

    #[test]
    fn what_is_not_json_is_kept_as_text() {
        assert_eq!(json("{\"ipv6\":}"), Value::String("{\"ipv6\":}".to_owned()));
        assert_eq!(json(" \n"), serde_json::json!({}));
    }
}
