//! Names derived from a reference: the copy in a mirror, the host that is contacted, containerd's folders.

use super::ImageRef;

/// Where Gardener keeps its copies of other people's images.
pub const GARDENER_PREFIX: &str = "europe-docker.pkg.dev/gardener-project/releases/3rd/";

/// The host a registry is contacted at, and the key of its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryHost {
    /// Host, with the port where one is written.
    pub host: String,
    /// `http` for loopback registries, `https` for all others.
    pub scheme: &'static str,
    /// Key in the `config.json` of Docker.
    pub credential_key: String,
}

/// The name of the copy in Gardener's mirror: the last two path components below the prefix.
///
/// Different sources can have the same copy, so a plan has to look for collisions.
pub fn mirrored_as(image: &ImageRef) -> String {
    let tag = image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = image
        .digest()
        .map(|digest| format!("@{digest}"))
        .unwrap_or_default();
    format!("{}{tag}{digest}", mirrored_repository(image))
}

/// The repository of the copy in Gardener's mirror.
pub fn mirrored_repository(image: &ImageRef) -> String {
    format!("{GARDENER_PREFIX}{}", short_name(image))
}

/// The path of a copy below the place of all copies. What is a copy already keeps its path.
pub fn short_name(image: &ImageRef) -> String {
    let name = format!("{}/{}", image.registry(), image.repository());
    match name.strip_prefix(GARDENER_PREFIX) {
        Some(path) => path.to_owned(),
        None => shortened(image),
    }
}

fn shortened(image: &ImageRef) -> String {
    let path = image.repository();
    if image.canonical_registry() == super::DEFAULT_REGISTRY
        && let Some(name) = path.strip_prefix("library/")
        && !name.contains('/')
    {
        return name.to_owned();
    }
    let mut components: Vec<&str> = path.rsplit('/').take(2).collect();
    components.reverse();
    components.join("/")
}

/// Registries whose images an IPv6-only cluster is better off with a copy of, unless a check says otherwise.
///
/// Docker Hub speaks IPv6; it is listed for its pull limits, which count a whole /64 as one client.
const BETTER_COPIED: &[&str] = &[
    "ghcr.io",
    "public.ecr.aws",
    "mcr.microsoft.com",
    "docker.io",
];

/// Whether an image is better copied to a mirror.
pub fn is_better_copied(image: &ImageRef) -> bool {
    BETTER_COPIED.contains(&image.canonical_registry().as_str())
}

/// How a registry is reached.
pub fn host_of(registry: &str) -> RegistryHost {
    if registry == super::DEFAULT_REGISTRY {
        return RegistryHost {
            host: "registry-1.docker.io".to_owned(),
            scheme: "https",
            credential_key: "https://index.docker.io/v1/".to_owned(),
        };
    }
    let scheme = if is_loopback(registry) {
        "http"
    } else {
        "https"
    };
    RegistryHost {
        host: registry.to_owned(),
        scheme,
        credential_key: registry.to_owned(),
    }
}

fn is_loopback(registry: &str) -> bool {
    let host = match registry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, _)) => address,
        None => registry.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The folders below `certs.d` that containerd tries for a registry, in order.
///
/// It takes whatever follows the last colon for a port, also in a literal without one.
pub fn containerd_folders(registry: &str) -> Vec<String> {
    let with_port = registry
        .rsplit_once(':')
        .map(|(host, port)| format!("{host}_{port}_"));
    let mut folders: Vec<String> = with_port.into_iter().collect();
    folders.push(registry.to_owned());
    folders.push("_default".to_owned());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_without_port_confuses_containerd_in_the_first_folder() {
        assert_eq!(containerd_folders("[::1]"), ["[:_1]_", "[::1]", "_default"]);
        assert_eq!(
            containerd_folders("[::1]:5000"),
            ["[::1]_5000_", "[::1]:5000", "_default"]
        );
        assert_eq!(containerd_folders("docker.io"), ["docker.io", "_default"]);
    }

    #[test]
    fn only_loopback_is_spoken_to_without_tls() {
        for (registry, scheme) in [
            ("[::1]:5000", "http"),
            ("localhost:5000", "http"),
            ("127.0.0.1:5000", "http"),
            ("[fd00:10::5]:5001", "https"),
            ("ghcr.io", "https"),
        ] {
            assert_eq!(host_of(registry).scheme, scheme, "{registry}");
        }
    }

    #[test]
    fn copies_keep_the_last_two_components() {
        let copy = |text: &str| mirrored_as(&text.parse().unwrap());
        let below = |rest: &str| format!("{GARDENER_PREFIX}{rest}");
        assert_eq!(copy("alpine:3"), below("alpine:3"));
        assert_eq!(
            copy("ghcr.io/fluent/fluent-operator/fluent-bit:1"),
            below("fluent-operator/fluent-bit:1")
        );
        assert_eq!(copy(&below("alpine:3")), below("alpine:3"));
    }
}
