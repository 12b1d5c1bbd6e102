// Every parser of the doctor over one text. Shared by the fuzz target and the property tests.

use garden6::{
    doctor::{
        facts::{Protocol, hosts},
        parse::{
            addresses, assignments, boot, capabilities, daemon, engine, gai, hosts_file, ifconfig,
            kernel_config, listeners, modules, mounts, netstat, resolvers, routes, services,
            subids, uplink, versions,
        },
        signatures,
    },
    net::IpFamily,
};

/// Reads a text as everything that a host could tell.
pub(crate) fn read_as_everything(text: &str) {
    let v4 = routes::ipv4(text);
    let v6 = routes::ipv6(text);
    seen((
        uplink::uplink(&v4).map(str::to_owned),
        uplink::vpn(&v4, &v6),
    ));
    seen((
        netstat::routes(text, IpFamily::V4),
        netstat::routes(text, IpFamily::V6),
    ));
    for address in addresses::if_inet6(text).into_values().flatten() {
        assert!(address.on_link().is_some(), "{address}");
    }
    seen((addresses::ip_address(text), addresses::fib_trie(text)));
    seen(ifconfig::interfaces(text));
    for listener in listeners::proc_net(Protocol::Tcp, text) {
        assert_eq!(listener.to_string().parse(), Ok(listener));
    }
    seen((
        listeners::proc_net(Protocol::Udp, text),
        listeners::lsof(text),
    ));
    seen((resolvers::resolv_conf(text), resolvers::scutil(text)));
    seen((hosts_file::entries(text), gai::lines(text)));
    seen((assignments::values(text), assignments::sections(text)));
    let file = boot::SysctlFile {
        path: "/etc/sysctl.conf".to_owned(),
        text: text.to_owned(),
    };
    seen(boot::settings(&boot::in_boot_order(vec![file])));
    seen((mounts::mounts(text), mounts::has_swap(text)));
    let arguments = daemon::arguments(text);
    seen((daemon::json(text), daemon::flag(&arguments, "ipv6").len()));
    assert!(daemon::flag_names(&arguments).all(|name| !name.is_empty()));
    if let Ok(answer) = serde_json::from_str(text) {
        seen((engine::info(&answer), engine::version(&answer)));
        seen((engine::network(&answer), engine::clusters(&answer)));
    }
    seen((kernel_config::features(text), modules::loaded(text)));
    seen((modules::builtin(text), modules::dependencies(text)));
    seen((
        services::systemd_version(text),
        services::firewalld(text, text),
    ));
    seen((
        services::mac_firewall(text, text),
        services::property(text, "A").map(str::len),
    ));
    seen((
        services::nm_manages_bridges(text),
        subids::mapped(text, "dev", Some(1000)),
    ));
    seen((capabilities::bounding_set(text), versions::version(text)));
    seen((
        versions::kubernetes_minor(text),
        versions::iptables_variant(text),
    ));
    seen(signatures::explain(text).len());
    seen(hosts::read(text, None).is_ok());
}

/// Takes an answer, whatever it is.
fn seen<T>(answer: T) {
    drop(answer);
}
