//! The embedded templates and the one place that renders them.
//!
//! Two settings matter: nothing is escaped (the default would escape quotes for HTML), and a variable that
//! is missing is an error instead of an empty text.

use std::sync::LazyLock;

use handlebars::{Handlebars, no_escape};
use serde::Serialize;

use super::GenerateError;

/// kind's cluster document.
pub(super) const KIND_CLUSTER: &str = "kind/cluster.yaml";
/// How containerd reaches one registry.
pub(super) const HOSTS_TOML: &str = "kind/hosts.toml";
/// The plain-routing CNI configuration.
pub(super) const PTP_CONFLIST: &str = "cni/ptp.conflist";

const TEMPLATES: &[(&str, &str)] = &[
    (
        KIND_CLUSTER,
        include_str!("../../templates/kind/cluster.yaml.hbs"),
    ),
    (
        HOSTS_TOML,
        include_str!("../../templates/kind/hosts.toml.hbs"),
    ),
    (
        PTP_CONFLIST,
        include_str!("../../templates/cni/ptp.conflist.hbs"),
    ),
];

static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(no_escape);
    registry.set_strict_mode(true);
    for (name, text) in TEMPLATES {
        registry
            .register_template_string(name, text)
            .expect("invariant: embedded templates are well-formed, a test renders each of them");
    }
    registry
});

/// Renders one template.
pub(super) fn render(
    template: &'static str,
    data: &impl Serialize,
) -> Result<String, GenerateError> {
    REGISTRY
        .render(template, data)
        .map_err(|source| GenerateError::Template {
            template,
            source: Box::new(source),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        for (name, _) in TEMPLATES {
            assert!(REGISTRY.has_template(name));
        }
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        assert!(render(HOSTS_TOML, &json!({"server": ""})).is_err());
    }

    #[test]
    fn quotes_are_not_escaped() {
        let data = json!({"server": "", "url": "http://a&b\"c"});
        assert!(render(HOSTS_TOML, &data).unwrap().contains("http://a&b\"c"));
    }
}
