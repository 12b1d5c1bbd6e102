//! The values behind calico's settings: defaults by family, then the configuration, in the
//! extension's order, later ones winning.

use std::fmt;

use thiserror::Error;

use super::effective::Input;
use crate::net::IpFamily;

/// The values behind calico's settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent switches of calico"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// `bird`, `none` or `vxlan`.
    pub backend: String,
    /// Whether Felix sets up IP in IP.
    pub felix_ipip: bool,
    /// Whether kube-controllers run.
    pub kube_controllers: bool,
    /// `host-local` or `calico-ipam`.
    pub ipam_type: String,
    /// The range, or the keyword for the node's; nothing with two families.
    pub subnet: Option<String>,
    /// The IPv4 pool.
    pub ipv4: Option<PoolValues>,
    /// The IPv6 pool.
    pub ipv6: Option<PoolValues>,
    /// Whether traffic of the IPv6 pool that leaves the cluster is masqueraded.
    pub source_nat: bool,
    /// Whether an overlay is asked for; absence is a third state.
    pub overlay: Option<bool>,
    /// Whether VXLAN carries the overlay.
    pub vxlan_overlay: bool,
    /// Whether nodes encrypt what they send each other.
    pub wireguard: bool,
    /// Whether the eBPF data plane runs.
    pub ebpf: bool,
    /// Whether kube-proxy runs.
    pub kube_proxy: bool,
    /// Whether kube-proxy uses nftables.
    pub nftables: bool,
    /// Whether typha runs.
    pub typha: bool,
    /// The MTU as text.
    pub mtu: String,
    /// Whether the exporter of the routing daemon runs.
    pub bird_exporter: bool,
    /// Whether traffic to upstream DNS servers is masqueraded.
    pub snat_to_dns: bool,
    /// What happens to packets to services that do not exist.
    pub loop_prevention: Option<String>,
}

/// The pool of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolValues {
    /// `ipip` or `vxlan`.
    pub pool: String,
    /// `Always`, `Never`, `CrossSubnet` or `Off`.
    pub mode: String,
    /// How a node finds its address.
    pub method: Option<String>,
}

/// A configuration that passes validation and cannot be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unrenderable {
    /// There is no IP in IP for IPv6.
    #[error("ipv6.pool: there is no IP in IP for IPv6")]
    Ipv6Pool,
    /// VXLAN has no such mode.
    #[error("ipv6.mode: the mode does not exist for IPv6")]
    Ipv6Mode,
    /// A section for a family that the Network lacks.
    #[error("{}: the Network has no {family}", Section(*family))]
    NotInFamilies {
        /// The family of the section.
        family: IpFamily,
    },
    /// A mode of something that is off.
    #[error("spec.kubernetes.kubeProxy.mode: kube-proxy is off")]
    KubeProxyModeWhileDisabled,
}

struct Section(IpFamily);

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            IpFamily::V4 => "ipv4",
            IpFamily::V6 => "ipv6",
        })
    }
}

/// Computes the values.
pub fn values(input: &Input) -> Result<Values, Unrenderable> {
    let config = &input.config;
    let proxy = input.kube_proxy.enabled != Some(false);
    if !proxy && input.kube_proxy.mode.is_some() {
        return Err(Unrenderable::KubeProxyModeWhileDisabled);
    }
    let on = |switch: Option<bool>| switch.unwrap_or_default();
    let mut values = by_family(input);
    values.kube_proxy = proxy;
    values.nftables = proxy && input.kube_proxy.mode.as_deref() == Some("NFTables");
    values
        .loop_prevention
        .clone_from(&config.service_loop_prevention);
    values.wireguard = on(config.wireguard_encryption);
    values.source_nat = values.wireguard && values.ipv6.is_some();
    if let Some(backend) = &config.backend {
        values.backend.clone_from(backend);
        if backend == "none" {
            values.kube_controllers = false;
            values.without_ipip();
        }
    }
    values.overlay = config.overlay.as_ref().map(|overlay| overlay.enabled);
    let vxlan = on(config.vxlan.as_ref().map(|vxlan| vxlan.enabled));
    values.vxlan_overlay = vxlan && values.overlay == Some(true);
    if values.overlay == Some(false) {
        values.without_ipip();
        let snat = config.snat_to_upstream_dns.as_ref();
        values.snat_to_dns = snat.is_none_or(|snat| snat.enabled);
    }
    values.ebpf = on(config.ebpf_dataplane.as_ref().map(|ebpf| ebpf.enabled));
    values.ipam(input);
    values.ipv4_section(input, vxlan)?;
    values.ipv6_section(input)?;
    values.typha = config.typha.as_ref().is_none_or(|typha| typha.enabled);
    values.mtu = config.veth_mtu.clone().unwrap_or_else(|| "0".to_owned());
    values.bird_exporter = on(config.bird_exporter.as_ref().map(|bird| bird.enabled));
    Ok(values)
}

/// The defaults for the families.
fn by_family(input: &Input) -> Values {
    let families = input.families;
    let pool = |pool: &str, mode: &str| PoolValues {
        pool: pool.to_owned(),
        mode: mode.to_owned(),
        method: None,
    };
    let (with_v4, with_v6) = (
        families.contains(IpFamily::V4),
        families.contains(IpFamily::V6),
    );
    let keyword = match families.primary() {
        IpFamily::V4 => "usePodCidr",
        IpFamily::V6 => "usePodCidrIPv6",
    };
    Values {
        backend: "bird".to_owned(),
        felix_ipip: !with_v6,
        kube_controllers: true,
        ipam_type: "host-local".to_owned(),
        subnet: (!families.is_dual()).then(|| keyword.to_owned()),
        ipv4: with_v4.then(|| pool("ipip", "Always")),
        ipv6: with_v6.then(|| pool("vxlan", "Never")),
        source_nat: false,
        overlay: None,
        vxlan_overlay: false,
        wireguard: false,
        ebpf: false,
        kube_proxy: true,
        nftables: false,
        typha: true,
        mtu: "0".to_owned(),
        bird_exporter: false,
        snat_to_dns: false,
        loop_prevention: None,
    }
}

impl Values {
    fn without_ipip(&mut self) {
        self.felix_ipip = false;
        if let Some(ipv4) = &mut self.ipv4 {
            "Never".clone_into(&mut ipv4.mode);
        }
    }

    fn ipam(&mut self, input: &Input) {
        let Some(ipam) = &input.config.ipam else {
            return;
        };
        if !ipam.type_.is_empty() {
            self.ipam_type.clone_from(&ipam.type_);
        }
        if let Some(cidr) = &ipam.cidr
            && self.ipam_type == "host-local"
            && self.subnet.is_some()
        {
            self.subnet = Some(cidr.clone());
        }
    }

    fn ipv4_section(&mut self, input: &Input, vxlan: bool) -> Result<(), Unrenderable> {
        let family = IpFamily::V4;
        let deprecated = input.config.ipip.is_some();
        let Some(section) = &input.config.ipv4 else {
            // The deprecated field only counts where there is no section, which is where it fails.
            return if deprecated && self.ipv4.is_none() {
                Err(Unrenderable::NotInFamilies { family })
            } else {
                Ok(())
            };
        };
        let Some(pool) = &mut self.ipv4 else {
            return Err(Unrenderable::NotInFamilies { family });
        };
        if vxlan {
            "vxlan".clone_into(&mut pool.pool);
            "Always".clone_into(&mut pool.mode);
            "calico-ipam".clone_into(&mut self.ipam_type);
        }
        pool.explicit(
            section.pool.as_ref(),
            section.mode.as_ref(),
            section.auto_detection_method.as_ref(),
        );
        Ok(())
    }

    fn ipv6_section(&mut self, input: &Input) -> Result<(), Unrenderable> {
        let Some(section) = &input.config.ipv6 else {
            return Ok(());
        };
        let family = IpFamily::V6;
        let Some(pool) = &mut self.ipv6 else {
            return Err(Unrenderable::NotInFamilies { family });
        };
        if section.pool.as_deref() == Some("ipip") {
            return Err(Unrenderable::Ipv6Pool);
        }
        if section.mode.as_deref() == Some("Off") {
            return Err(Unrenderable::Ipv6Mode);
        }
        pool.explicit(
            section.pool.as_ref(),
            section.mode.as_ref(),
            section.auto_detection_method.as_ref(),
        );
        if let Some(source_nat) = section.source_nat_enabled {
            self.source_nat = source_nat;
        }
        Ok(())
    }
}

impl PoolValues {
    fn explicit(&mut self, pool: Option<&String>, mode: Option<&String>, method: Option<&String>) {
        if let Some(pool) = pool {
            self.pool.clone_from(pool);
        }
        if let Some(mode) = mode {
            self.mode.clone_from(mode);
        }
        self.method = method.filter(|method| !method.is_empty()).cloned();
    }
}
