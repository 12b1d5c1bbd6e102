//! Routes of a machine.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::net::Cidr;

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Everywhere that nothing else leads to.
    Default,
    /// A prefix.
    Prefix(Cidr),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Prefix(cidr) => cidr.fmt(f),
        }
    }
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        destination(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

fn destination(text: &str) -> Result<Destination, String> {
    if text == "default" {
        return Ok(Destination::Default);
    }
    let cidr: Cidr = text
        .parse()
        .map_err(|error: crate::net::CidrError| error.to_string())?;
    Ok(if cidr.prefix_len() == 0 {
        Destination::Default
    } else {
        Destination::Prefix(cidr)
    })
}

/// A route of the main table. Documents may write `DESTINATION DEVICE` for one without more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "WrittenMap")]
pub struct HostRoute {
    /// Where it leads.
    pub dst: Destination,
    /// The device.
    pub dev: String,
    /// The router as printed, with the zone of a link-local address; none for on-link routes.
    pub via: Option<String>,
    /// Whether the kernel learned it from a router advertisement (`RTF_ADDRCONF`).
    pub kernel_ra: bool,
    /// Whether it refuses packets: `unreachable`, `prohibit`, `blackhole` (`RTF_REJECT`).
    pub reject: bool,
    /// Lower wins among routes of the same destination.
    pub metric: u32,
}

impl HostRoute {
    /// An on-link route.
    pub fn new(dst: Destination, dev: impl Into<String>) -> Self {
        Self {
            dst,
            dev: dev.into(),
            via: None,
            kernel_ra: false,
            reject: false,
            metric: 0,
        }
    }

    /// Whether it leads everywhere that nothing else leads to.
    pub const fn is_default(&self) -> bool {
        matches!(self.dst, Destination::Default)
    }

    /// The prefix it leads to; none for the default route.
    pub const fn prefix(&self) -> Option<Cidr> {
        match self.dst {
            Destination::Default => None,
            Destination::Prefix(cidr) => Some(cidr),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(ShortRoute),
    Map(WrittenMap),
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct ShortRoute(Destination, String);

impl TryFrom<String> for ShortRoute {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (dst, dev) = text
            .split_once(' ')
            .ok_or_else(|| format!("`{text}` is not DESTINATION DEVICE"))?;
        Ok(Self(destination(dst)?, dev.trim().to_owned()))
    }
}

#[derive(Serialize, Deserialize)]
struct WrittenMap {
    dst: Destination,
    dev: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    kernel_ra: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reject: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    metric: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<Written> for HostRoute {
    fn from(written: Written) -> Self {
        match written {
            Written::Short(ShortRoute(dst, dev)) => Self::new(dst, dev),
            Written::Map(map) => Self {
                dst: map.dst,
                dev: map.dev,
                via: map.via,
                kernel_ra: map.kernel_ra,
                reject: map.reject,
                metric: map.metric,
            },
        }
    }
}

impl From<HostRoute> for WrittenMap {
    fn from(route: HostRoute) -> Self {
        Self {
            dst: route.dst,
            dev: route.dev,
            via: route.via,
            kernel_ra: route.kernel_ra,
            reject: route.reject,
            metric: route.metric,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        let short: HostRoute = serde_yaml::from_str("default wg0").unwrap();
        assert!(short.is_default());
        let long: HostRoute =
            serde_yaml::from_str("{dst: 'fd00::/64', dev: eth0, kernel_ra: true}").unwrap();
        assert_eq!(long.prefix().unwrap().to_string(), "fd00::/64");
        for route in [short, long] {
            let text = serde_json::to_string(&route).unwrap();
            assert_eq!(serde_json::from_str::<HostRoute>(&text).unwrap(), route);
        }
    }
}
