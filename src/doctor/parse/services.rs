//! Answers of programs about services: systemd, `NetworkManager`, firewalld, macOS' firewall.

use crate::doctor::facts::{Firewalld, MacFirewall};

/// The version in the first line of `systemctl --version`: `systemd 255 (255.4-1ubuntu8)`.
pub fn systemd_version(text: &str) -> Option<u32> {
    let mut words = text.lines().next()?.split_whitespace();
    let number = (words.next() == Some("systemd")).then(|| words.next())??;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// One value of `systemctl show`/`timedatectl show`: `NAME=VALUE`.
pub fn property<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whether `nmcli -t -f DEVICE,STATE device` shows that bridges or links of containers are
/// managed.
pub fn nm_manages_bridges(text: &str) -> bool {
    let of_containers = ["br-", "veth", "cali", "vxlan.calico", "docker"];
    text.lines()
        .filter_map(|line| line.rsplit_once(':'))
        .filter(|(_, state)| !matches!(*state, "unmanaged" | "unavailable"))
        // A connection that somebody else made is only shown, not managed.
        .filter(|(_, state)| !state.contains("external"))
        .any(|(device, _)| {
            of_containers
                .iter()
                .any(|prefix| device.starts_with(prefix))
        })
}

/// What `firewall-cmd --get-zone-of-interface` and `firewall-cmd --get-policies` say. No zone is
/// the default one.
pub fn firewalld(zone: &str, policies: &str) -> Firewalld {
    let zone = zone.trim();
    Firewalld {
        zone_of_bridges: if zone == "no zone" { "" } else { zone }.to_owned(),
        policies: policies.split_whitespace().map(str::to_owned).collect(),
    }
}

/// What `socketfilterfw --getglobalstate` and `--getblockall` say.
pub fn mac_firewall(state: &str, block_all: &str) -> MacFirewall {
    let on =
        state.contains("enabled") || state.contains("State = 1") || state.contains("State = 2");
    let block_all = block_all.to_lowercase();
    let blocks = block_all.contains("block all") && !block_all.contains("disabled");
    MacFirewall {
        state: if on { "on" } else { "off" }.to_owned(),
        block_all: blocks || state.contains("State = 2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_properties_are_read() {
        assert_eq!(
            systemd_version("systemd 255 (255.4-1ubuntu8)\n+PAM"),
            Some(255)
        );
        assert_eq!(systemd_version("systemd 258~rc1"), Some(258));
        assert_eq!(systemd_version("OpenRC 0.5"), None);
        assert_eq!(
            property("NTP=yes\nNTPSynchronized=no\n", "NTPSynchronized"),
            Some("no")
        );
    }

    #[test]
    fn only_bridges_that_are_managed_count() {
        assert!(nm_manages_bridges("eth0:connected\nbr-1234:connected\n"));
        assert!(!nm_manages_bridges(
            "eth0:connected\nbr-1234:unmanaged\nveth1:connected (externally)\n"
        ));
        assert!(!nm_manages_bridges(""));
    }

    #[test]
    fn the_firewall_of_a_mac_may_block_everything() {
        let off = mac_firewall(
            "Firewall is disabled. (State = 0)",
            "Firewall has block all state set to disabled.",
        );
        assert_eq!((off.state.as_str(), off.block_all), ("off", false));
        let on = mac_firewall(
            "Firewall is enabled. (State = 2)",
            "Firewall has block all state set to enabled.",
        );
        assert_eq!((on.state.as_str(), on.block_all), ("on", true));
    }
}
