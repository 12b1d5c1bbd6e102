//! The grammar of request paths.
//!
//! `/api/v1/...` is the legacy group, `/apis/GROUP/VERSION/...` every other one. Below a version
//! stands `[namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE]]`; namespaces themselves are the one
//! resource whose name looks like a namespace.

use super::percent;

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/`: the list of paths.
    Root,
    /// `/healthz`, `/livez`, `/readyz`, with the name of one check.
    Health {
        endpoint: Endpoint,
        check: Option<String>,
    },
    /// `/version`.
    Version,
    /// `/metrics`.
    Metrics,
    /// `/openapi/v3`.
    OpenApiRoot,
    /// `/openapi/v3/api/v1` or `/openapi/v3/apis/GROUP/VERSION`.
    OpenApi { group: String, version: String },
    /// `/api`.
    LegacyVersions,
    /// `/apis`.
    Groups,
    /// `/apis/GROUP`.
    Group { group: String },
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    Resources { group: String, version: String },
    /// A collection, an object or a subresource.
    Resource(ResourcePath),
    /// Anything else.
    Unknown,
}

impl Route {
    /// Whether everybody may see it, known or not: only what wait loops need.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self, Self::Health { .. } | Self::Version)
    }
}

/// One of the health endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Healthz,
    Livez,
    Readyz,
}

/// The path of a collection, an object or a subresource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourcePath {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) namespace: Option<String>,
    pub(crate) plural: String,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
}

/// Parses a request path; `None` when it has a broken escape.
pub(crate) fn parse(path: &str) -> Option<Route> {
    let segments = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(percent::segment)
        .collect::<Option<Vec<_>>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Some(route(&segments))
}

fn route(segments: &[&str]) -> Route {
    match segments {
        [] => Route::Root,
        ["version"] => Route::Version,
        ["metrics"] => Route::Metrics,
        ["healthz", rest @ ..] => health(Endpoint::Healthz, rest),
        ["livez", rest @ ..] => health(Endpoint::Livez, rest),
        ["readyz", rest @ ..] => health(Endpoint::Readyz, rest),
        ["openapi", "v3"] => Route::OpenApiRoot,
        ["openapi", "v3", "api", version] => open_api("", version),
        ["openapi", "v3", "apis", group, version] => open_api(group, version),
        ["api"] => Route::LegacyVersions,
        ["api", version, rest @ ..] => versioned("", version, rest),
        ["apis"] => Route::Groups,
        ["apis", group] => Route::Group {
            group: (*group).to_owned(),
        },
        ["apis", group, version, rest @ ..] => versioned(group, version, rest),
        _ => Route::Unknown,
    }
}

fn health(endpoint: Endpoint, rest: &[&str]) -> Route {
    match rest {
        [] => Route::Health {
            endpoint,
            check: None,
        },
        checks => Route::Health {
            endpoint,
            check: Some(checks.join("/")),
        },
    }
}

fn open_api(group: &str, version: &str) -> Route {
    Route::OpenApi {
        group: group.to_owned(),
        version: version.to_owned(),
    }
}

fn versioned(group: &str, version: &str, rest: &[&str]) -> Route {
    let resource = |namespace: Option<&str>, plural: &str, rest: &[&str]| {
        let (name, subresource) = match rest {
            [] => (None, None),
            [name] => (Some((*name).to_owned()), None),
            [name, subresource @ ..] => (Some((*name).to_owned()), Some(subresource.join("/"))),
        };
        Route::Resource(ResourcePath {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace: namespace.map(str::to_owned),
            plural: plural.to_owned(),
            name,
            subresource,
        })
    };
    match rest {
        [] => Route::Resources {
            group: group.to_owned(),
            version: version.to_owned(),
        },
        ["namespaces", _, "status" | "finalize"] if group.is_empty() => {
            resource(None, "namespaces", rest.get(1..).unwrap_or_default())
        }
        ["namespaces", namespace, plural, rest @ ..] => resource(Some(namespace), plural, rest),
        [plural, rest @ ..] => resource(None, plural, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(path: &str) -> (Option<String>, String, Option<String>, Option<String>) {
        match parse(path) {
            Some(Route::Resource(found)) => {
                (found.namespace, found.plural, found.name, found.subresource)
            }
            other => panic!("{path} is {other:?}"),
        }
    }

    fn parts(
        namespace: &str,
        plural: &str,
        name: &str,
        subresource: &str,
    ) -> (Option<String>, String, Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (
            some(namespace),
            plural.to_owned(),
            some(name),
            some(subresource),
        )
    }

    #[test]
    fn resources_are_found_with_and_without_a_namespace() {
        for (path, expected) in [
            ("/api/v1/pods", parts("", "pods", "", "")),
            ("/api/v1/namespaces", parts("", "namespaces", "", "")),
            ("/api/v1/namespaces/a", parts("", "namespaces", "a", "")),
            (
                "/api/v1/namespaces/a/finalize",
                parts("", "namespaces", "a", "finalize"),
            ),
            (
                "/api/v1/namespaces/a/status",
                parts("", "namespaces", "a", "status"),
            ),
            ("/api/v1/namespaces/a/pods/", parts("a", "pods", "", "")),
            (
                "/api/v1/namespaces/a/pods/b/log",
                parts("a", "pods", "b", "log"),
            ),
            (
                "/apis/g/v1/namespaces/a/status",
                parts("a", "status", "", ""),
            ),
            (
                "/apis/g/v1/shoots/b/status",
                parts("", "shoots", "b", "status"),
            ),
            (
                "/apis/g/v1/roles/system%3Aadmin",
                parts("", "roles", "system:admin", ""),
            ),
        ] {
            assert_eq!(resource(path), expected, "{path}");
        }
    }

    #[test]
    fn discovery_and_health_paths_are_told_apart() {
        assert_eq!(parse("/api"), Some(Route::LegacyVersions));
        assert_eq!(parse("/apis/"), Some(Route::Groups));
        assert_eq!(
            parse("/apis/g"),
            Some(Route::Group {
                group: "g".to_owned()
            })
        );
        assert_eq!(
            parse("/apis/g/v1"),
            Some(Route::Resources {
                group: "g".to_owned(),
                version: "v1".to_owned()
            })
        );
        assert_eq!(
            parse("/readyz/ping"),
            Some(Route::Health {
                endpoint: Endpoint::Readyz,
                check: Some("ping".to_owned())
            })
        );
        assert_eq!(parse("/openapi/v2"), Some(Route::Unknown));
        assert_eq!(parse("/%"), None);
    }
}
