//! Which engine is meant: the rules of the docker client, so that kind and garden6 mean the same one.
//!
//! `DOCKER_HOST` wins, then `DOCKER_CONTEXT`, then `currentContext` of the client's configuration,
//! then the default socket. Contexts are folders named after the SHA-256 of their name.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr as _,
};

use crate::{
    doctor::{facts::EnvironmentVariables, hash::sha256},
    net::{Host, HostPort},
};
use serde_json::Value;

/// The socket where nothing else is said.
pub const DEFAULT: &str = "unix:///var/run/docker.sock";
/// The name of the context that is no context.
pub const DEFAULT_CONTEXT: &str = "default";
/// Ports of `tcp://HOST` without one.
const PORT: u16 = 2375;

/// Where an engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket of this machine.
    Unix(PathBuf),
    /// Plain HTTP over TCP.
    Tcp(HostPort),
    /// An endpoint that only the docker client can use.
    Unsupported {
        /// As written.
        url: String,
        /// Why.
        reason: String,
    },
}

impl Endpoint {
    /// Reads an endpoint as `DOCKER_HOST` and contexts write it.
    pub fn parse(url: &str) -> Self {
        let unsupported = |reason: &str| Self::Unsupported {
            url: url.to_owned(),
            reason: reason.to_owned(),
        };
        if let Some(path) = url.strip_prefix("unix://") {
            return Self::Unix(PathBuf::from(path));
        }
        let Some(rest) = url.strip_prefix("tcp://").or(url.strip_prefix("http://")) else {
            return unsupported("only unix:// and tcp:// can be asked directly");
        };
        let rest = rest.trim_end_matches('/');
        match HostPort::from_str(rest).or_else(|_| Host::from_str(rest).map(|host| host.port(PORT)))
        {
            Ok(address) => Self::Tcp(address),
            Err(error) => unsupported(&error.to_string()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "unix://{}", path.display()),
            Self::Tcp(address) => write!(formatter, "tcp://{address}"),
            Self::Unsupported { url, .. } => formatter.write_str(url),
        }
    }
}

/// What the client goes by.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `DOCKER_HOST`, or what was typed instead.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// The client's folder: `DOCKER_CONFIG`, else `~/.docker`.
    pub folder: Option<PathBuf>,
}

/// The engine that is meant, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Where it is, as written.
    pub url: String,
    /// Name of the context, `default` where none is selected.
    pub context: String,
    /// Whether there is such a context.
    pub exists: bool,
}

impl Settings {
    /// Applies the rules of the docker client; `read` gives the content of a file, or none.
    pub fn select(&self, read: impl Fn(&Path) -> Option<String>) -> Selected {
        let given = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let configured = || {
            let text = read(&self.folder.as_ref()?.join("config.json"))?;
            let config: Value = serde_json::from_str(&text).ok()?;
            let name = config.get("currentContext")?.as_str()?;
            (!name.is_empty()).then(|| name.to_owned())
        };
        let context = given(&self.docker_context)
            .or_else(configured)
            .unwrap_or_else(|| DEFAULT_CONTEXT.to_owned());
        let found = (context != DEFAULT_CONTEXT)
            .then(|| read(&self.meta(&context)?))
            .flatten();
        let exists = context == DEFAULT_CONTEXT || found.is_some();
        let url = given(&self.docker_host)
            .or_else(|| host_of(found.as_deref()?))
            .unwrap_or_else(|| DEFAULT.to_owned());
        Selected {
            url,
            context,
            exists,
        }
    }

    /// The file that describes a context.
    pub fn meta(&self, context: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?.join("contexts/meta");
        Some(folder.join(sha256(context.as_bytes())).join("meta.json"))
    }
}

/// The folder of the docker client: `DOCKER_CONFIG`, else `~/.docker`.
pub fn client_folder(config: Option<&str>, env: &EnvironmentVariables) -> Option<PathBuf> {
    config
        .filter(|text| !text.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(env.get("HOME")?).join(".docker")))
}

/// The endpoint that a context's description names.
fn host_of(meta: &str) -> Option<String> {
    let meta: Value = serde_json::from_str(meta).ok()?;
    let host = meta.pointer("/Endpoints/docker/Host")?.as_str()?;
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf %s colima | sha256sum`.
    const COLIMA: &str = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";

    fn select(host: Option<&str>, context: Option<&str>, current: &str, meta: bool) -> Selected {
        let settings = Settings {
            docker_host: host.map(str::to_owned),
            docker_context: context.map(str::to_owned),
            folder: Some(PathBuf::from("/home/dev/.docker")),
        };
        settings.select(|path| {
            if path == Path::new("/home/dev/.docker/config.json") {
                return Some(format!(r#"{{"currentContext":"{current}"}}"#));
            }
            let expected = format!("/home/dev/.docker/contexts/meta/{COLIMA}/meta.json");
            (meta && path == Path::new(&expected)).then(|| {
                r#"{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///home/dev/.colima/docker.sock"}}}"#.to_owned()
            })
        })
    }

    #[test]
    fn the_engine_is_the_one_that_the_docker_client_takes() {
        let colima = "unix:///home/dev/.colima/docker.sock";
        for (host, context, current, meta, url, name, exists) in [
            (None, None, "", true, DEFAULT, "default", true),
            (None, None, "colima", true, colima, "colima", true),
            (None, None, "colima", false, DEFAULT, "colima", false),
            (None, Some("colima"), "", true, colima, "colima", true),
            (
                None,
                Some("default"),
                "colima",
                true,
                DEFAULT,
                "default",
                true,
            ),
            (None, Some(""), "colima", true, colima, "colima", true),
            (
                Some("tcp://h:1"),
                Some("colima"),
                "",
                true,
                "tcp://h:1",
                "colima",
                true,
            ),
            (Some(""), None, "", true, DEFAULT, "default", true),
        ] {
            let selected = select(host, context, current, meta);
            assert_eq!(
                (
                    selected.url.as_str(),
                    selected.context.as_str(),
                    selected.exists
                ),
                (url, name, exists),
                "{host:?} {context:?} {current:?} {meta}"
            );
        }
    }

    #[test]
    fn endpoints_are_sockets_or_addresses() {
        let tcp = |text: &str| Endpoint::Tcp(HostPort::from_str(text).unwrap());
        for (url, expected) in [
            ("unix:///run/d.sock", Endpoint::Unix("/run/d.sock".into())),
            ("tcp://[::1]:2375", tcp("[::1]:2375")),
            ("tcp://192.0.2.1", tcp("192.0.2.1:2375")),
            ("tcp://engine.example:1/", tcp("engine.example:1")),
        ] {
            assert_eq!(Endpoint::parse(url), expected, "{url}");
        }
        for url in ["ssh://dev@host", "npipe:////./pipe/docker", ""] {
            assert!(
                matches!(Endpoint::parse(url), Endpoint::Unsupported { .. }),
                "{url}"
            );
            assert_eq!(Endpoint::parse(url).to_string(), url);
        }
    }
}
