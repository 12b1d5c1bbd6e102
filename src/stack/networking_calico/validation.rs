//! What the extension's admission refuses.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::Value;

use super::{
    TYPE, autodetection::is_method, effective::KubeProxy, keys::unknown_keys, quantity::sign,
};
use crate::{
    api::{
        autov6::notation,
        calico::NetworkConfig,
        core::{Networking, Shoot},
        families::FamilyList,
        validation::{FieldError, Path, Range},
    },
    net::{Cidr, IpFamily},
};

const BACKENDS: [&str; 3] = ["bird", "none", "vxlan"];
const IPAM_TYPES: [&str; 2] = ["calico-ipam", "host-local"];
const POOLS: [&str; 2] = ["ipip", "vxlan"];
const MODES: [&str; 4] = ["Always", "Never", "CrossSubnet", "Off"];
/// The modes that exist for VXLAN according to the extension.
const VXLAN_MODES: [&str; 2] = ["Always", "Never"];
const SCALING_MODES: [&str; 3] = ["cluster-proportional", "vpa", "static"];
const LOOP_PREVENTIONS: [&str; 3] = ["Disabled", "Drop", "Reject"];

/// The errors of a configuration. `base` is where it stands.
pub fn config(config: &NetworkConfig, families: &[String], base: &Path) -> Vec<FieldError> {
    let check = Check { base };
    let mut errors = Vec::new();
    errors.extend(check.word("backend", config.backend.as_deref(), &BACKENDS));
    if let Some(ipam) = &config.ipam {
        let with_ipv6 = FamilyList(families).lists(IpFamily::V6);
        errors.extend(check.ipam(&ipam.type_, ipam.cidr.as_deref(), with_ipv6));
    }
    if let Some(pool) = &config.ipv4 {
        errors.extend(check.pool("ipv4", pool.pool.as_deref(), pool.mode.as_deref()));
        errors.extend(check.method("ipv4", pool.auto_detection_method.as_deref()));
    }
    if let Some(pool) = &config.ipv6 {
        errors.extend(check.pool("ipv6", pool.pool.as_deref(), pool.mode.as_deref()));
        errors.extend(check.method("ipv6", pool.auto_detection_method.as_deref()));
    }
    errors.extend(check.mtu(config.veth_mtu.as_deref()));
    if let Some(scaling) = &config.auto_scaling {
        errors.extend(check.word("autoScaling.mode", Some(&scaling.mode), &SCALING_MODES));
        let resources = scaling.resources.as_ref();
        let node = resources.and_then(|resources| resources.node.as_ref());
        let typha = resources.and_then(|resources| resources.typha.as_ref());
        errors.extend(check.resources("autoScaling.resources.node", node));
        errors.extend(check.resources("autoScaling.resources.typha", typha));
    }
    let prevention = config.service_loop_prevention.as_deref();
    errors.extend(check.word("serviceLoopPrevention", prevention, &LOOP_PREVENTIONS));
    errors.extend(check.word("ipip", config.ipip.as_deref(), &MODES));
    if let Some(method) = config.ip_autodetection_method.as_deref()
        && !is_method(method)
    {
        // The extension spells this path differently from the key.
        errors.push(check.invalid("ipAutoDetectionMethod", method, "is no detection method"));
    }
    errors
}

/// The error of a Shoot that switches kube-proxy off without the data plane that replaces it.
pub fn kube_proxy(config: &NetworkConfig, kube_proxy: &KubeProxy) -> Option<FieldError> {
    let ebpf = config
        .ebpf_dataplane
        .as_ref()
        .is_some_and(|ebpf| ebpf.enabled);
    (kube_proxy.enabled == Some(false) && !ebpf).then(|| {
        let path = Path::new("spec.kubernetes.kubeProxy.enabled");
        FieldError::forbidden(&path, "kube-proxy can only be off with the eBPF data plane")
    })
}

/// The errors of a Shoot with workers, as the extension's own admission finds them.
pub fn shoot(shoot: &Shoot) -> Vec<FieldError> {
    let base = Path::new("spec.networking");
    let Some(networking) = shoot.spec.networking.as_ref() else {
        return Vec::new();
    };
    let mut errors = shoot_networking(networking, &base);
    let base = base.child("providerConfig");
    let provider_config = networking.provider_config.as_ref();
    match NetworkConfig::from_provider_config(provider_config) {
        Ok(read) => {
            errors.extend(config(&read, &networking.ip_families, &base));
            errors.extend(kube_proxy(&read, &KubeProxy::of(shoot)));
        }
        Err(error) => {
            let value = provider_config.cloned().unwrap_or_default();
            let unknown = unknown_keys(&value);
            errors.extend(unknown.iter().map(|key| {
                FieldError::invalid(&base.child(key), Value::Null, "is no known field")
            }));
            if unknown.is_empty() {
                errors.push(FieldError::invalid(&base, value, error.to_string()));
            }
        }
    }
    errors
}

/// The errors of the networks of a Shoot with workers. `base` is where they stand.
pub fn shoot_networking(networking: &Networking, base: &Path) -> Vec<FieldError> {
    let check = Check { base };
    let mut errors = Vec::new();
    match networking.type_.as_deref() {
        None | Some("") => {
            let path = base.child("type");
            errors.push(FieldError::required(&path, "the networking type is needed"));
        }
        Some(TYPE) => {}
        Some(other) => errors.push(check.invalid("type", other, "must be calico")),
    }
    for (name, range) in [
        ("pods", &networking.pods),
        ("nodes", &networking.nodes),
        ("services", &networking.services),
    ] {
        // Host bits pass; Gardener itself looks at them.
        let unreadable = |text: &&str| Range::new(text, base.child(name)).network().is_none();
        let ranges = range.as_deref().map(notation::spelled_out);
        let wrong = ranges.into_iter().flatten().filter(unreadable);
        errors.extend(wrong.map(|text| check.invalid(name, text, "is no address range")));
    }
    let families = &networking.ip_families;
    let unknown = |word: &&String| !matches!(word.as_str(), "IPv4" | "IPv6");
    errors.extend(
        families
            .iter()
            .filter(unknown)
            .map(|word| check.invalid("ipFamilies", word.as_str(), "is no IP family")),
    );
    let list = || Value::from(families.clone());
    if families.len() > 2 {
        errors.push(check.invalid("ipFamilies", list(), "must be two at most"));
    }
    if let [first, second, ..] = families.as_slice()
        && first == second
    {
        errors.push(check.invalid("ipFamilies", list(), "must differ"));
    }
    errors
}

/// Whether a text is a range in its one canonical spelling (RFC 5952, no host bits, not mapped).
pub(super) fn is_canonical(text: &str) -> bool {
    text.parse::<Cidr>().is_ok_and(|range| {
        let mapped = match range.network() {
            std::net::IpAddr::V6(address) => address.to_ipv4_mapped().is_some(),
            std::net::IpAddr::V4(_) => false,
        };
        !mapped && range.to_string() == text
    })
}

struct Check<'a> {
    base: &'a Path,
}

impl Check<'_> {
    fn invalid(&self, name: &str, value: impl Into<Value>, detail: &str) -> FieldError {
        FieldError::invalid(&self.base.child(name), value, detail)
    }

    fn word(&self, name: &str, value: Option<&str>, known: &[&str]) -> Option<FieldError> {
        let value = value.filter(|value| !known.contains(value))?;
        let detail = format!("must be one of {}", known.join(", "));
        Some(self.invalid(name, value, &detail))
    }

    fn ipam(&self, type_: &str, cidr: Option<&str>, with_ipv6: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !type_.is_empty() {
            errors.extend(self.word("ipam.type", Some(type_), &IPAM_TYPES));
        }
        if type_ == "calico-ipam" && with_ipv6 {
            errors.push(self.invalid("ipam.type", type_, "is not supported with IPv6"));
        }
        if let Some(cidr) = cidr
            && !cidr.eq_ignore_ascii_case("usePodCIDR")
            && !is_canonical(cidr)
        {
            let detail = "must be usePodCIDR or a canonical address range";
            errors.push(self.invalid("ipam.cidr", cidr, detail));
        }
        errors
    }

    fn pool(&self, section: &str, pool: Option<&str>, mode: Option<&str>) -> Vec<FieldError> {
        let name = format!("{section}.mode");
        let mut errors: Vec<FieldError> = self
            .word(&format!("{section}.pool"), pool, &POOLS)
            .into_iter()
            .collect();
        errors.extend(self.word(&name, mode, &MODES));
        let mode = mode.filter(|mode| pool == Some("vxlan") && !VXLAN_MODES.contains(mode));
        errors.extend(mode.map(|mode| self.invalid(&name, mode, "does not exist for vxlan")));
        errors
    }

    fn method(&self, section: &str, method: Option<&str>) -> Option<FieldError> {
        let method = method.filter(|method| !method.is_empty() && !is_method(method))?;
        let name = format!("{section}.autoDetectionMethod");
        Some(self.invalid(&name, method, "is no detection method"))
    }

    fn mtu(&self, mtu: Option<&str>) -> Option<FieldError> {
        let good = |text: &str| text.parse::<i64>().is_ok_and(|number| number >= 0);
        let mtu = mtu.filter(|text| !good(text))?;
        Some(self.invalid("vethMTU", mtu, "must be a number of bytes"))
    }

    fn resources(&self, name: &str, list: Option<&BTreeMap<String, String>>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (resource, quantity) in list.into_iter().flatten() {
            let path = format!("{name}.{resource}");
            let invalid = |detail| self.invalid(&path, quantity.as_str(), detail);
            if !matches!(resource.as_str(), "cpu" | "memory") {
                errors.push(invalid("must be cpu or memory"));
            }
            match sign(quantity) {
                Some(Ordering::Greater) => {}
                Some(Ordering::Equal) | None => errors.push(invalid("must be positive")),
                // The extension says it twice.
                Some(Ordering::Less) => {
                    errors.extend([invalid("must be positive"), invalid("must not be negative")]);
                }
            }
        }
        errors
    }
}
