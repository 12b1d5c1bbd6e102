//! Who answers questions about names: `resolv.conf`, and `scutil --dns` of macOS.

/// The servers of a `resolv.conf`, with the zones of link-local addresses.
pub fn resolv_conf(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver"))
                .then(|| words.next())
                .flatten()
        })
        .map(str::to_owned)
        .collect()
}

/// The servers of `scutil --dns`, without repetition. Resolvers that are for one domain only are
/// left out, as are the scoped copies at the end.
pub fn scutil(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut block: Vec<String> = Vec::new();
    let mut own_domain = false;
    let scoped = text.find("DNS configuration (for scoped queries)");
    for line in text[..scoped.unwrap_or(text.len())].lines().map(str::trim) {
        if line.starts_with("resolver #") {
            flush(&mut found, &mut block, own_domain);
            own_domain = false;
        } else if line.starts_with("domain") {
            own_domain = true;
        } else if line.starts_with("nameserver[") {
            block.extend(
                line.split_once(" : ")
                    .map(|(_, server)| server.trim().to_owned()),
            );
        }
    }
    flush(&mut found, &mut block, own_domain);
    found
}

fn flush(found: &mut Vec<String>, block: &mut Vec<String>, own_domain: bool) {
    for server in block.drain(..) {
        if !own_domain && !found.contains(&server) {
            found.push(server);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_resolv_conf_come_in_order() {
        let text = "# a\r\nsearch x\r\nnameserver 127.0.0.53\r\nnameserver fe80::1%eth0\nnameserver\noptions edns0\n";
        assert_eq!(resolv_conf(text), ["127.0.0.53", "fe80::1%eth0"]);
        assert!(resolv_conf("").is_empty());
    }

    #[test]
    fn servers_for_one_domain_answer_for_nothing_else() {
        let text = "\
DNS configuration

resolver #1
  search domain[0] : example
  nameserver[0] : 192.168.178.1
  nameserver[1] : 2001:db8:3::1
  if_index : 11 (en0)

resolver #2
  domain   : local.gardener.cloud
  nameserver[0] : 172.18.255.53

DNS configuration (for scoped queries)

resolver #1
  nameserver[0] : 10.0.0.1
";
        assert_eq!(scutil(text), ["192.168.178.1", "2001:db8:3::1"]);
    }
}
