//! Files that are ours alone: one line per setting, each under a comment that names its check.

/// First lines of every file of ours.
const HEADER: &str =
    "# Written by `garden6 doctor --fix`; `garden6 doctor --undo` takes it back.\n";

/// A line of `sysctl.d` (sysctl.d(5)).
pub fn sysctl_line(key: &str, value: &str) -> String {
    format!("{key} = {value}")
}

/// The file with `line` in it. A line for the same setting is replaced where it stands; what
/// counts as the same is decided by the part before `=`, or the whole line without one.
pub fn with_line(text: Option<&str>, check: &str, line: &str) -> String {
    let text = text.unwrap_or(HEADER);
    let setting = |line: &str| line.split('=').next().unwrap_or(line).trim().to_owned();
    let wanted = setting(line);
    let mut found = false;
    let mut result = String::with_capacity(text.len() + line.len() + check.len() + 4);
    for old in text.lines() {
        if !old.starts_with('#') && setting(old) == wanted {
            if !found {
                result.push_str(line);
                result.push('\n');
            }
            found = true;
            continue;
        }
        result.push_str(old);
        result.push('\n');
    }
    if !found {
        result.push_str("# ");
        result.push_str(check);
        result.push('\n');
        result.push_str(line);
        result.push('\n');
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_says_whose_it_is_and_which_check_asked() {
        let line = sysctl_line("net.ipv6.conf.lo.disable_ipv6", "0");
        assert_eq!(
            with_line(None, "ipv6-disable-lo", &line),
            format!("{HEADER}# ipv6-disable-lo\nnet.ipv6.conf.lo.disable_ipv6 = 0\n")
        );
    }

    #[test]
    fn a_line_is_replaced_where_it_stands_and_twice_changes_nothing() {
        let first = with_line(None, "a", "x = 1");
        let second = with_line(Some(&first), "b", "y = 2");
        let third = with_line(Some(&second), "a", "x = 3");
        assert_eq!(third, format!("{HEADER}# a\nx = 3\n# b\ny = 2\n"));
        assert_eq!(with_line(Some(&third), "a", "x = 3"), third);
    }

    #[test]
    fn names_of_modules_are_settings_of_their_own() {
        let text = with_line(Some("br_netfilter\n"), "kmod-ip6-tables", "ip6_tables");
        assert_eq!(text, "br_netfilter\n# kmod-ip6-tables\nip6_tables\n");
    }
}
