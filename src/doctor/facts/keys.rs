//! What there is to ask for. A collector fills these keys; a check that reads another one is told
//! that it was not recorded.

/// Environment variables of the command; all that begin with `KIND_` belong to them as well.
pub const ENV: [&str; 24] = [
    "ALL_PROXY",
    "CI",
    "CODESPACES",
    "DOCKER_API_VERSION",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_IN_DOCKER_ENABLED",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KUBERNETES_SERVICE_HOST",
    "NO_PROXY",
    "PROW_JOB_ID",
    "RUNNER_ENVIRONMENT",
    "TMPDIR",
    "USER",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The prefix of kind's own variables.
pub const KIND_ENV: &str = "KIND_";

/// Files of a Linux machine, in both scopes. A folder is read as its `*.conf` files one after the
/// other; a device that can be opened has empty content.
pub const LINUX_FILES: [&str; 31] = [
    "/.dockerenv",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/net/tun",
    "/etc/apparmor.d/rootlesskit",
    "/etc/default/ufw",
    "/etc/firewalld/firewalld.conf",
    "/etc/gai.conf",
    "/etc/hosts",
    "/etc/nftables.conf",
    "/etc/os-release",
    "/etc/resolv.conf",
    "/etc/subgid",
    "/etc/subuid",
    "/etc/sysconfig/nftables.conf",
    "/etc/systemd/resolved.conf.d",
    "/etc/ufw/ufw.conf",
    "/etc/wsl.conf",
    "/proc/1/cgroup",
    "/proc/1/comm",
    "/proc/cmdline",
    "/proc/cpuinfo",
    "/proc/net/ip6_tables_names",
    "/proc/net/ip_tables_names",
    "/proc/self/status",
    "/proc/sys/kernel/osrelease",
    "/proc/version",
    "/run/.containerenv",
    "/run/systemd/resolve/resolv.conf",
    "/sys/fs/selinux/enforce",
    "/sys/module/apparmor/parameters/enabled",
];

/// Files of a Mac.
pub const MACOS_FILES: [&str; 4] = [
    "/.dockerenv",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/resolver/local.gardener.cloud",
];

/// Sysctls of the machine that runs the engine. `uplink` stands for the device of the default
/// route: the IPv6 one in `net.ipv6`, or the IPv4 one where there is no IPv6 one.
pub const SYSCTLS: [&str; 31] = [
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "fs.nr_open",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.keys.maxkeys",
    "kernel.keys.root_maxkeys",
    "kernel.pid_max",
    "kernel.unprivileged_userns_clone",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.bridge.bridge-nf-call-iptables",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.uplink.rp_filter",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.neigh.default.gc_thresh3",
    "net.ipv6.bindv6only",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.default.disable_ipv6",
    "net.ipv6.conf.default.forwarding",
    "net.ipv6.conf.lo.disable_ipv6",
    "net.ipv6.conf.uplink.accept_ra",
    "net.ipv6.conf.uplink.disable_ipv6",
    "net.ipv6.conf.uplink.forwarding",
    "net.ipv6.conf.uplink.proxy_ndp",
    "net.ipv6.neigh.default.gc_thresh3",
    "net.ipv6.route.max_size",
    "net.netfilter.nf_conntrack_count",
    "net.netfilter.nf_conntrack_max",
    "user.max_user_namespaces",
    "vm.max_map_count",
];

/// Kernel features that checks look up (see [`super::Modules`]).
pub const MODULES: [&str; 53] = [
    "bonding",
    "br_netfilter",
    "bridge",
    "dummy",
    "fuse",
    "ip6_tables",
    "ip6_tunnel",
    "ip6_udp_tunnel",
    "ip6t_REJECT",
    "ip6t_rpfilter",
    "ip6table_filter",
    "ip6table_mangle",
    "ip6table_nat",
    "ip6table_raw",
    "ip_set",
    "ip_set_hash_ip",
    "ip_set_hash_net",
    "ip_tables",
    "ip_vs",
    "ip_vs_rr",
    "ip_vs_sh",
    "ip_vs_wrr",
    "ipip",
    "ipt_REJECT",
    "iptable_filter",
    "iptable_mangle",
    "iptable_nat",
    "iptable_raw",
    "nf_conntrack",
    "nf_conntrack_netlink",
    "nf_nat",
    "nf_tables",
    "nft_chain_nat",
    "nft_compat",
    "nft_ct",
    "nft_fib",
    "nft_fib_ipv6",
    "nft_masq",
    "nft_nat",
    "overlay",
    "sit",
    "tun",
    "veth",
    "vxlan",
    "xt_MASQUERADE",
    "xt_REDIRECT",
    "xt_addrtype",
    "xt_comment",
    "xt_conntrack",
    "xt_mark",
    "xt_multiport",
    "xt_nat",
    "xt_statistic",
];

/// More kernel features, of the set and reverse-path matches.
pub const CALICO_MODULES: [&str; 2] = ["xt_rpfilter", "xt_set"];

/// Programs of every machine, by command line.
pub const COMMANDS: [&str; 18] = [
    "bash --version",
    "docker --version",
    "docker buildx version",
    "docker compose version --short",
    "git --version",
    "grep --version",
    "helm version --short",
    "ip -V",
    "jq --version",
    "kind version",
    "kubectl version --client",
    "parallel --version",
    "sed --version",
    "skaffold version",
    "skopeo --version",
    "tar --version",
    "yq --version",
    "kustomize version",
];

/// Further programs of a Linux machine.
pub const LINUX_COMMANDS: [&str; 5] = [
    "apparmor_parser --version",
    "containerlab version",
    "ip6tables --version",
    "ip6tables -S FORWARD",
    "iptables --version",
];

/// Further programs of WSL.
pub const WSL_COMMANDS: [&str; 2] = ["wsl.exe --version", "wslinfo --networking-mode"];

/// Services whose state counts, and settings of units.
pub const SERVICES: [&str; 4] = ["docker_nofile", "firewalld", "nftables", "systemd-resolved"];
