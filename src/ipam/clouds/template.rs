//! What a host does with a prefix of its own: the first part is reserved, pods get another one.

use std::net::IpAddr;

use super::CloudError;
use crate::net::{Cidr, CidrError, IpFamily};

/// How a host prefix is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Where the pods are: combined with the host prefix by OR. Written as text behind a prefix
    /// longer than /64 it would not be an address.
    pub pods: Cidr,
    /// The length of the first part, which pods never get.
    pub reserve: u8,
    /// Where the node itself is, counted from the first address.
    pub offset: u128,
}

/// A host prefix, divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostSplit {
    /// The pods' part.
    pub pods: Cidr,
    /// The first part.
    pub reserved: Cidr,
    /// The node itself.
    pub address: IpAddr,
}

impl Default for Template {
    /// `<nodePrefix>::f000:0/100`, the first /100 reserved, the node at its first address.
    fn default() -> Self {
        Self {
            pods: "::f000:0/100".parse().expect("the default is canonical"),
            reserve: 100,
            offset: 0,
        }
    }
}

impl Template {
    /// The template with this text for the pods.
    pub fn with_pods(text: &str) -> Result<Self, CloudError> {
        let not_canonical = |why: String| CloudError::TemplateNotCanonical {
            text: text.to_owned(),
            why,
        };
        let pods: Cidr = text
            .parse()
            .map_err(|error: CidrError| not_canonical(error.to_string()))?;
        if pods.family() != IpFamily::V6 {
            return Err(not_canonical("it is an IPv4 prefix".to_owned()));
        }
        Ok(Self {
            pods,
            ..Self::default()
        })
    }

    /// Divides a host prefix.
    pub fn split(&self, prefix: Cidr) -> Result<HostSplit, CloudError> {
        let template = self.pods;
        if template.prefix_len() <= prefix.prefix_len() {
            return Err(CloudError::TemplateNotLonger { template, prefix });
        }
        let bits = template.left_aligned_bits();
        let kept = u32::from(prefix.prefix_len());
        if kept > 0 && bits >> (128 - kept) != 0 {
            return Err(CloudError::TemplateOutOfPrefix { template, prefix });
        }
        if self.reserve < prefix.prefix_len() {
            return Err(CloudError::ReserveLargerThanPrefix {
                reserve: self.reserve,
                prefix,
            });
        }
        let of = |bits, len| {
            Cidr::from_left_aligned(IpFamily::V6, prefix.left_aligned_bits() | bits, len)
                .expect("lengths of templates were checked when they were read")
        };
        let pods = of(bits, template.prefix_len());
        let reserved = of(0, self.reserve.min(IpFamily::V6.bits()));
        if pods.overlaps(reserved) {
            return Err(CloudError::TemplateInReserved { pods, reserved });
        }
        let address = reserved
            .nth(self.offset)
            .ok_or(CloudError::OffsetOutsideReserved {
                offset: self.offset,
                reserved,
            })?;
        Ok(HostSplit {
            pods,
            reserved,
            address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(prefix: &str, template: &str) -> Result<String, &'static str> {
        let template = Template::with_pods(template).map_err(|error| error.code())?;
        let split = template
            .split(prefix.parse().unwrap())
            .map_err(|error| error.code())?;
        Ok(split.pods.to_string())
    }

    #[test]
    fn the_errors_come_in_the_order_of_the_rules() {
        for (prefix, template, expected) in [
            ("2001:db8::/96", "::f000:0/100", Ok("2001:db8::f000:0/100")),
            (
                "2001:db8::/96",
                "::f000:1/100",
                Err("TEMPLATE_NOT_CANONICAL"),
            ),
            ("2001:db8::/100", "::f000:0/100", Err("TEMPLATE_NOT_LONGER")),
            (
                "2001:db8::/96",
                "::1:f000:0/100",
                Err("TEMPLATE_OUT_OF_PREFIX"),
            ),
            (
                "2001:db8::/104",
                "::f0:0/112",
                Err("RESERVE_LARGER_THAN_PREFIX"),
            ),
            ("2001:db8::/96", "::/104", Err("TEMPLATE_IN_RESERVED")),
        ] {
            let found = split(prefix, template);
            assert_eq!(found, expected.map(str::to_owned), "{prefix} {template}");
        }
    }

    #[test]
    fn a_host_can_skip_the_router_anycast_address() {
        let template = Template {
            offset: 1,
            ..Template::default()
        };
        let split = template.split("2001:db8::/96".parse().unwrap()).unwrap();
        assert_eq!(split.address.to_string(), "2001:db8::1");
    }
}
